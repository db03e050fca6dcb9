"""`evaluate`: measure a retrained network."""

from __future__ import annotations

import dataclasses
import shlex

import click
import rich.table

from ..state.run_lock import find_holder
from ..state.sealed_json import write_object
from .completion import Run
from .networks import load_network
from .options import check_data, device_option, load_chosen, recorded_space_option, run_data_options
from .output import output_options

__all__ = ["evaluate_command", "measure", "print_measures"]


@click.command("evaluate")
@click.argument("run", type=Run(["retrain"]))
@run_data_options
@device_option
@recorded_space_option
@output_options
def evaluate_command(run, device, space, out, **options):
    """Measure a retrained network.

    RUN is a folder of `retrain`. Accuracy and loss on the test images, parameters, FLOPs and latency are printed, and
    kept in the run's result.json and report.html.

    Other images, or the place that those of the run were moved to, are named as for `retrain`. They must have the shape
    and the classes of the images that the network was trained on; only their test images are used.
    """
    check_data(options)
    network, recorded = load_network(run, space)
    dataset, choice = load_chosen(options, recorded)
    check_fit(dataset, recorded)
    holder = find_holder(run)
    result = measure(network, dataset, device, recorded["mean"], recorded["std"])
    print_measures(result, out.console)
    holder = holder or find_holder(run)
    if holder:  # it may have been measured before the last epoch was trained
        click.echo(f"Warning: {run} is in use by {holder}; these measures are not kept in its result.json", err=True)
    else:
        write_object(run / "result.json", result)
        out.say(describe_places(run, choice["data"], result))
    out.finish(result)


def describe_places(run, data, result):
    """Add the measures to the report of the run, and return a sentence that says where they are."""
    from ..report.evaluations import add_evaluation

    page, kept = run / "report.html", f"These measures are in {run / 'result.json'}"
    try:
        if page.is_file() and add_evaluation(page, data, result):
            return f"{kept} and, as a row of the table of evaluations, in {page}."
        reason = f"{page} is not " + ("a report of this release" if page.is_file() else "there")
    except OSError as error:
        reason = f"{page} does not show them ({error.strerror})"
    remedy = f"paddleslim-darts retrain --resume --save-dir {shlex.quote(str(run))}"
    return f"{kept}; {reason}. `{remedy}` writes it anew, with the run's own test."


def check_fit(dataset, recorded):
    """Raise a ValueError unless the images and classes of the data set are those that the network was trained for."""
    shape, names = recorded["image_shape"], recorded["class_names"]
    if dataset.image_shape != shape or dataset.num_classes != len(names):
        raise ValueError(
            f"the network takes images of shape {shape} and {len(names)} classes, {dataset.name} has "
            f"{dataset.image_shape} and {dataset.num_classes}"
        )
    if dataset.class_names != names:
        differing = [f"{ours} for {theirs}" for theirs, ours in zip(names, dataset.class_names) if theirs != ours]
        raise ValueError(f"the classes of {dataset.name} are not those of the network: {', '.join(differing[:5])}")


def measure(network, dataset, device, mean=None, std=None):
    """Return test accuracy and loss, parameters, multiply-adds and latency of a network, by name."""
    from ..data import Batches
    from ..retrain import count_multiply_adds, count_parameters, evaluate, measure_latency
    from ..retrain.run import EVALUATION_BATCH
    from ..training.device import name_device, on_device

    augmentation = dataset.augmentation
    if mean is not None:
        augmentation = dataclasses.replace(augmentation, mean=tuple(mean), std=tuple(std))
    with on_device(name_device(device)):
        network.to(name_device(device))
        evaluation = evaluate(network, Batches(dataset.test, EVALUATION_BATCH, augmentation.normalise))
        return {
            "test_accuracy": evaluation.top1,
            "test_top5_accuracy": evaluation.top5,
            "test_loss": evaluation.loss,
            "test_images": len(dataset.test),
            "parameters": count_parameters(network),
            "multiply_adds": count_multiply_adds(network, dataset.image_shape),
            "latency_seconds": measure_latency(network, dataset.image_shape),
            "device": device,
        }


def print_measures(result, console):
    """Print what `measure` returned."""
    table = rich.table.Table(show_header=False)
    table.add_row("test accuracy", f"{result['test_accuracy']:.2%} of {result['test_images']} images")
    if result["test_top5_accuracy"] is not None:
        table.add_row("among the best five", f"{result['test_top5_accuracy']:.2%}")
    table.add_row("test loss", f"{result['test_loss']:.4f}")
    table.add_row("parameters", f"{result['parameters']:,}")
    table.add_row("multiply-adds (FLOPs)", f"{result['multiply_adds']:,} an image")
    table.add_row("latency", f"{result['latency_seconds'] * 1e3:.1f} ms for one image on {result['device']}")
    console.print(table)
