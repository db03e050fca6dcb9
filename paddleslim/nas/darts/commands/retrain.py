"""`retrain`: train the network of a genotype and measure it."""

from __future__ import annotations

import dataclasses
import pathlib

import click
import paddle
import rich.console

from ..genotype.json_file import write_genotype
from ..report.drawing.figure import draw_genotype
from ..report.progress_bar import ProgressBar
from ..retrain import PRESETS, SaveNetwork, prepare_retraining
from ..training.device import name_device
from ..training.precision import check_amp
from .evaluate import measure, print_measures
from .lookup import find_genotype, find_space, locate_space, read_recorded
from .options import (
    COUNT,
    FACTOR,
    POSITIVE,
    RATE,
    amp_option,
    common_options,
    data_options,
    load_chosen,
    transform_option,
)
from .retrain_settings import choose_preset, choose_settings
from .run_folder import logged_to, name_run, require_empty, write_json


@click.command()
@click.argument("genotype")
@data_options
@transform_option
@click.option(
    "--space",
    metavar="NAME",
    help="Where 'random' draws, and whose operations the genotype has.  [default: that of the search, or darts]",
)
@click.option(
    "--preset",
    type=click.Choice(list(PRESETS)),
    help="Settings to begin with; what follows changes them.  [default: a small one]",
)
@click.option("--epochs", type=POSITIVE, help="How often the training images are walked.")
@click.option("--batch-size", type=POSITIVE, help="Images in a batch.")
@click.option("--channels", type=POSITIVE, help="Channels of the first cell.")
@click.option("--layers", type=POSITIVE, help="Cells of the network; of a stage for NAS-Bench-201.")
@click.option("--learning-rate", type=RATE, help="At the start of its cosine.")
@click.option("--momentum", type=FACTOR, help="Of SGD.")
@click.option("--weight-decay", type=FACTOR, help="Of all weights (L2).")
@click.option("--grad-clip", type=RATE, help="Limit of the global norm of the gradients.")
@click.option("--label-smoothing", type=FACTOR, help="Share of the target that is spread over all classes.")
@click.option("--drop-path", type=FACTOR, help="Probability of leaving an operation out, reached in the last epoch.")
@click.option("--auxiliary-weight", type=FACTOR, help="Of the auxiliary tower's loss; 0 builds none.")
@click.option("--cutout", type=COUNT, help="Side of the blanked square, in pixels.")
@click.option("--valid-freq", type=POSITIVE, default=5, help="Epochs between two looks at the test images.")
@click.option("--log-freq", type=POSITIVE, default=10, help="Steps between two lines of retrain.log.")
@amp_option
@common_options
@click.option("--save-dir", type=click.Path(path_type=pathlib.Path), help="A new or empty folder.  [default: in runs/]")
def retrain(genotype, save_dir, space, preset, **options):
    """Train the network of a genotype from scratch.

    It is measured on the test images. GENOTYPE is the folder of a search, whose data set is taken too; a
    genotype.json; DARTS_V1, DARTS_V2 or PC_DARTS; a NAS-Bench-201 string; or 'random', a random cell drawn with
    --seed, as the baseline. The network after the last epoch is the result: test images choose nothing.
    """
    check_amp(options["amp"], name_device(options["device"]))
    console = rich.console.Console()
    recorded = read_recorded(genotype)
    options["space"] = locate_space(space or recorded.get("space", "darts"))
    found_in = find_space(options["space"])
    found = find_genotype(genotype, found_in, options["seed"])
    dataset, choice = load_chosen(options, recorded)
    settings = choose_settings(preset or choose_preset(found, dataset.name), options)
    save_dir = save_dir or name_run("retrain", choice["data"])
    require_empty(save_dir)
    retraining = prepare_retraining(
        found,
        dataset.train,
        dataset.test,
        dataset.augmentation,
        settings,
        seed=options["seed"],
        place=options["device"],
        builders=found_in.builders,
        valid_freq=options["valid_freq"],
        log_freq=options["log_freq"],
        amp=options["amp"],
        callbacks=[SaveNetwork(save_dir / "network.pdparams"), ProgressBar(console)],
    )
    console.print(
        f"Training on {len(dataset.train)} images of {dataset.num_classes} classes, {settings.layers} cells from "
        f"{settings.channels} channels on, for {settings.epochs} epochs.",
        highlight=False,
        soft_wrap=True,
    )
    begin_folder(save_dir, found, dataset, settings, {**options, **choice})
    with logged_to(save_dir / "retrain.log"):
        retraining.train()
    epochs = [{**dataclasses.asdict(epoch), "genotype": None} for epoch in retraining.history]
    write_json(save_dir / "history.json", epochs)
    result = measure(retraining.model, dataset, options["device"])
    write_json(save_dir / "result.json", result)
    print_measures(result, console)
    console.print(
        f"Everything is in {save_dir}.  Next: paddleslim-darts evaluate {save_dir}, or export {save_dir}",
        highlight=False,
        soft_wrap=True,
    )


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
    write_json(save_dir / "settings.json", recorded)
