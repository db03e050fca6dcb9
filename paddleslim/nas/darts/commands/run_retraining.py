"""A retraining with the options of `retrain`."""

from __future__ import annotations

import dataclasses
import pathlib
import shlex
import tempfile

import numpy as np
import paddle

from ..data import Batches
from ..genotype.json_file import write_genotype
from ..report import RetrainingReport
from ..report.drawing.figure import draw_genotype
from ..report.progress_bar import ProgressBar
from ..retrain import SaveNetwork, prepare_retraining
from ..retrain.run import EVALUATION_BATCH
from ..retrain.settings import RetrainRunSettings
from ..state.run_lock import reserved
from ..state.sealed_json import write_object
from .estimate import STEPS, Pace, describe_estimate, head, measure_pace, project
from .evaluate import measure, print_measures
from .evaluations import show_evaluations
from .launch import is_first_rank
from .networks import read_settings
from .options import load_chosen
from .retrain_settings import choose_preset, choose_settings
from .run_folder import logged_to
from .run_search import open_dashboards
from .setting_options import chosen_settings

__all__ = ["estimate_retraining", "run_retraining"]

# Options that the report shows beside the settings of the training.
SHOWN = ("data", "space", "limit", "transform", "origin", "preset", "seed")


def run_retraining(genotype, space, save_dir, options, recorded, resume, console):
    """Retrain the network of a genotype of `space` with these options, and say where everything is."""
    dataset, choice = load_chosen(options, recorded)
    if resume:
        _, settings = read_settings(save_dir / "settings.json")
        settings = dataclasses.replace(settings, epochs=options["epochs"])
    else:
        settings = choose_settings(options["preset"] or choose_preset(genotype, dataset.name), options)
    report = make_report(save_dir, dataset, options)
    retraining = prepare_retraining(
        genotype,
        dataset.train,
        dataset.test,
        dataset.augmentation,
        settings,
        seed=options["seed"],
        place=options["device"],
        builders=space.builders,
        save_dir=save_dir,
        callbacks=[
            SaveNetwork(save_dir / "network.safetensors"),
            ProgressBar(console),
            report,
            *open_dashboards(save_dir, options),
        ],
        **chosen_settings(RetrainRunSettings, options),
    )
    console.print(
        f"Training on {len(dataset.train)} images of {dataset.num_classes} classes, {settings.layers} cells from "
        f"{settings.channels} channels on, for {settings.epochs} {'epoch' if settings.epochs == 1 else 'epochs'}.",
        highlight=False,
        soft_wrap=True,
    )
    if not is_first_rank():
        retraining.train(resume)
        return
    with reserved(save_dir):
        begin_folder(save_dir, genotype, dataset, settings, {**options, **choice})
        with logged_to(save_dir / "retrain.log", console):
            retraining.train(resume)
        result = write_results(save_dir, retraining, report, dataset, options["device"])
    show_evaluations(save_dir)
    print_measures(result, console)
    folder = shlex.quote(str(save_dir))
    console.print(
        f"Everything is in {save_dir}; report.html shows it.\n"
        f"Next: paddleslim-darts predict {folder} IMAGES...\n      paddleslim-darts export {folder}",
        highlight=False,
        soft_wrap=True,
    )


def write_results(save_dir, retraining, report, dataset, device):
    """Measure the network that was trained, write what a retraining came to, and return the measures."""
    epochs = [{**dataclasses.asdict(epoch), "genotype": None} for epoch in retraining.history]
    write_object(save_dir / "history.json", {"epochs": epochs})
    result = measure(retraining.model, dataset, device)
    write_object(save_dir / "result.json", result)
    report.add_result({name: value for name, value in result.items() if isinstance(value, (int, float))})
    return result


def make_report(save_dir, dataset, options):
    """Return the observer that leaves the report of a retraining."""
    augmentation, folder = dataset.augmentation, shlex.quote(str(save_dir))

    def restore(image):
        mean, std = (np.reshape(values, [-1, 1, 1]) for values in (augmentation.mean, augmentation.std))
        return image * std + mean

    return RetrainingReport(
        save_dir,
        f"{dataset.name}, retraining, seed {options['seed']}",
        {name: options.get(name) for name in SHOWN},
        options["language"],
        dataset.class_names,
        Batches(dataset.test, EVALUATION_BATCH, augmentation.normalise),
        restore if dataset.preparation is not None else None,  # pictures have bytes
        [f"paddleslim-darts predict {folder} IMAGES...", f"paddleslim-darts export {folder}"],
        f"paddleslim-darts retrain --resume --save-dir {folder}",
    )


def estimate_retraining(genotype, space, options, recorded):
    """Return what a retraining with these options will take, with a `text`; a few steps are taken for it."""
    dataset, choice = load_chosen(options, recorded)
    settings, pace = choose_settings(options["preset"] or choose_preset(genotype, dataset.name), options), Pace()
    batch, epochs = settings.batch_size, settings.epochs
    few = dataclasses.replace(
        dataset, train=head(dataset.train, STEPS * batch), test=head(dataset.test, 2 * EVALUATION_BATCH)
    )
    with tempfile.TemporaryDirectory() as name, logged_to(pathlib.Path(name) / "retrain.log"):
        folder = pathlib.Path(name)
        begin_folder(folder, genotype, dataset, settings, {**options, **choice})
        report = make_report(folder, few, options)
        retraining = prepare_retraining(
            genotype,
            few.train,
            few.test,
            dataset.augmentation,
            dataclasses.replace(settings, epochs=max(2, epochs)),  # a second one ends the estimate
            seed=options["seed"],
            place=options["device"],
            builders=space.builders,
            save_dir=folder,
            callbacks=[SaveNetwork(folder / "network.safetensors"), report, pace],
            **{**chosen_settings(RetrainRunSettings, options), "valid_freq": 1},
        )
        measure_pace(pace, retraining.train)

        def finish():
            report.on_search_end(retraining, None)
            write_results(folder, retraining, report, few, options["device"])

        pace.measure_end(finish)
    # the report and the measures evaluate the test once more each
    found = project(pace, len(dataset.train) // batch, epochs, options["valid_freq"], len(dataset.test), 2)
    return {**found, "text": describe_estimate(found)}


def begin_folder(save_dir, genotype, dataset, settings, options):
    """Write the genotype, its picture, and all that `evaluate` and `export` need to build the network again."""
    write_genotype(save_dir / "genotype.json", genotype)
    draw_genotype(genotype, save_dir / "genotype.png", dataset.name)
    recorded = {
        "command": "retrain",
        "paddle": paddle.__version__,
        **options,
        **dataclasses.asdict(settings),
        "image_shape": dataset.image_shape,
        "class_names": dataset.class_names,
        "mean": dataset.augmentation.mean,
        "std": dataset.augmentation.std,
        "preparation": dataset.preparation and dataclasses.asdict(dataset.preparation),
    }
    write_object(save_dir / "settings.json", recorded)
