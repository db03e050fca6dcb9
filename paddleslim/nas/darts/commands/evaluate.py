"""`evaluate`: measure a retrained network."""

from __future__ import annotations

import dataclasses
import time

import click
import rich.table

from ....common.visible import visible
from ..state.run_lock import find_holder
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
    added to the run's evaluations.json and report.html; its result.json stays that of the training.

    Other images, or the place that those of the run were moved to, are named as for `retrain`. They must have the shape
    and the classes of the images that the network was trained on; only their test images are used.
    """
    check_data(options)
    network, recorded = load_network(run, space)
    dataset, choice = load_chosen(options, recorded)
    check_fit(dataset, recorded)
    from .evaluations import describe_places, keep_evaluation, read_evaluations

    read_evaluations(run)  # if they are damaged, that is said before anything is measured
    holder = find_holder(run)
    result = measure(network, dataset, device, recorded["mean"], recorded["std"])
    print_measures(result, out.console)
    evaluation = {"when": time.strftime("%Y-%m-%d %H:%M"), "epochs": recorded["trained_epochs"], **choice, **result}
    # beside a training, it may have been measured before the last epoch was trained
    reason = f"it is in use by {holder}" if holder else keep_evaluation(run, evaluation)
    if reason:
        click.echo(visible(f"Warning: these measures are not kept in {run}: {reason}"), err=True)
    else:
        out.say(describe_places(run, evaluation))
    out.finish(result)


def check_fit(dataset, recorded):
    """Raise a UsageError unless the images and classes of the data set are those that the network was trained for."""
    shape, names = recorded["image_shape"], recorded["class_names"]
    if dataset.image_shape != shape or dataset.num_classes != len(names):
        raise click.UsageError(
            f"the network takes images of shape {shape} and {len(names)} classes, {dataset.name} has "
            f"{dataset.image_shape} and {dataset.num_classes}"
        )
    if dataset.class_names != names:
        differing = [f"{ours} for {theirs}" for theirs, ours in zip(names, dataset.class_names) if theirs != ours]
        raise click.UsageError(
            f"the classes of {dataset.name} are not those of the network: {', '.join(differing[:5])}"
        )


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
    from ..report.rendering import spell_measures

    spelled = spell_measures(result)
    table = rich.table.Table(show_header=False)
    table.add_row("test accuracy", f"{spelled['test_accuracy']} of {spelled['test_images']} images")
    if "test_top5_accuracy" in spelled:
        table.add_row("among the best five", spelled["test_top5_accuracy"])
    table.add_row("test loss", spelled["test_loss"])
    table.add_row("parameters", spelled["parameters"])
    table.add_row("multiply-adds (FLOPs)", f"{spelled['multiply_adds']} an image")
    table.add_row("latency", f"{spelled['latency_seconds']} for one image on {result['device']}")
    console.print(table)
