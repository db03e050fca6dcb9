"""`retrain`: train the network of a genotype and measure it."""

from __future__ import annotations

import dataclasses
import pathlib
import sys

import click
import paddle
import rich.console

from ..genotype.json_file import write_genotype
from ..report.drawing.figure import draw_genotype
from ..report.progress_bar import ProgressBar
from ..retrain import PRESETS, RetrainSettings, SaveNetwork, prepare_retraining
from ..retrain.retraining import RetrainRunSettings
from ..state.sealed_json import write_object
from ..training.device import name_device
from ..training.precision import check_amp
from .evaluate import measure, print_measures
from .launch import is_first_rank, is_rank, launch
from .lookup import check_recorded_space, find_genotype, find_space, locate_space, read_recorded
from .options import DATA, POSITIVE, common_options, data_options, load_chosen, transform_option
from .resume import recall_options
from .retrain_settings import choose_preset, choose_settings
from .run_folder import logged_to, name_run, require_empty
from .setting_options import chosen_settings, setting_options

# What the command takes where no option is given.
COMMAND_DEFAULTS = {
    **{field.name: field.default for field in dataclasses.fields(RetrainRunSettings)},
    "valid_freq": 5,
    "log_freq": 10,
}


@click.command()
@click.argument("genotype", required=False)
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
@setting_options(RetrainSettings, {})
@setting_options(RetrainRunSettings, COMMAND_DEFAULTS, skip=("save_dir",))
@click.option("--nproc", type=POSITIVE, default=1, help="Processes on this machine that share the training.")
@click.option("--resume", is_flag=True, help="Resume the retraining in --save-dir, which keeps its other options.")
@common_options
@click.option("--save-dir", type=click.Path(path_type=pathlib.Path), help="A new or empty folder.  [default: in runs/]")
def retrain(genotype, save_dir, nproc, resume, **options):
    """Train the network of a genotype from scratch.

    It is measured on the test images. GENOTYPE is the folder of a search, whose data set is taken too; a
    genotype.json; DARTS_V1, DARTS_V2 or PC_DARTS; a NAS-Bench-201 string; or 'random', a random cell drawn with
    --seed, as the baseline. The network after the last epoch is the result: test images choose nothing.
    """
    if resume:
        options = recall_options(save_dir, options)
        genotype = str(save_dir)
    elif genotype is None:
        raise click.UsageError("name a genotype, such as the folder of a search, DARTS_V2 or 'random'")
    check_amp(options["amp"], name_device(options["device"]))
    recorded = read_recorded(genotype)
    options["space"] = locate_space(options["space"] or check_recorded_space(recorded.get("space", "darts"), genotype))
    save_dir = save_dir or name_run("retrain", options["data"] or recorded.get("data") or "digits")
    if not (resume or is_rank()):
        require_empty(save_dir)
    if nproc > 1 and not is_rank():
        shared = [*sys.argv[1:], "--nproc", "1", "--data-parallel", "--save-dir", str(save_dir)]
        launch(nproc, shared, save_dir / "logs")  # an option given twice takes its last value
        return
    run_retraining(genotype, save_dir, options, recorded, resume)


def run_retraining(genotype, save_dir, options, recorded, resume):
    """Retrain with these options of `retrain`, write everything to `save_dir`, and say where."""
    console = rich.console.Console(quiet=not is_first_rank())
    found_in = find_space(options["space"])
    found = find_genotype(genotype, found_in, options["seed"])
    dataset, choice = load_chosen(options, recorded)
    if resume:
        names = [field.name for field in dataclasses.fields(RetrainSettings)]
        settings = RetrainSettings(**{**{name: recorded[name] for name in names}, "epochs": options["epochs"]})
    else:
        settings = choose_settings(options["preset"] or choose_preset(found, dataset.name), options)
    retraining = prepare_retraining(
        found,
        dataset.train,
        dataset.test,
        dataset.augmentation,
        settings,
        seed=options["seed"],
        place=options["device"],
        builders=found_in.builders,
        save_dir=save_dir,
        callbacks=[SaveNetwork(save_dir / "network.safetensors"), ProgressBar(console)],
        **chosen_settings(RetrainRunSettings, options),
    )
    console.print(
        f"Training on {len(dataset.train)} images of {dataset.num_classes} classes, {settings.layers} cells from "
        f"{settings.channels} channels on, for {settings.epochs} epochs.",
        highlight=False,
        soft_wrap=True,
    )
    if not is_first_rank():
        retraining.train(resume)
        return
    begin_folder(save_dir, found, dataset, settings, {**options, **choice, **describe_origin(genotype, recorded)})
    with logged_to(save_dir / "retrain.log"):
        retraining.train(resume)
    epochs = [{**dataclasses.asdict(epoch), "genotype": None} for epoch in retraining.history]
    write_object(save_dir / "history.json", {"epochs": epochs})
    result = measure(retraining.model, dataset, options["device"])
    write_object(save_dir / "result.json", result)
    print_measures(result, console)
    console.print(
        f"Everything is in {save_dir}.  Next: paddleslim-darts evaluate {save_dir}, or export {save_dir}",
        highlight=False,
        soft_wrap=True,
    )


def describe_origin(genotype, recorded):
    """Return where a genotype came from, so that retrainings of one method's searches can be compared as a group."""
    if recorded.get("command") == "search":
        searched = {name: value for name, value in recorded.items() if name not in ("command", "paddle", *DATA)}
        return {"origin": "search", "searched": searched}
    if recorded.get("command") == "retrain":
        return {name: recorded[name] for name in ("origin", "searched") if name in recorded}
    return {"origin": pathlib.Path(genotype).name if pathlib.Path(genotype).exists() else genotype}


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
