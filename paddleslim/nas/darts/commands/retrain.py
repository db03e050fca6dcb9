"""`retrain`: train the network of a genotype and measure it."""

from __future__ import annotations

import dataclasses
import pathlib
import sys

import click

from ....common.visible import visible
from ..retrain.settings import PRESETS, RetrainRunSettings, RetrainSettings
from ..state.sealed_json import read_object
from .completion import GENOTYPE, SPACE_NAME
from .language import language_option
from .launch import is_rank, launch, share_arguments
from .lookup import check_recorded_space, find_genotype, find_space, locate_space, read_recorded
from .option_groups import GroupedCommand
from .options import (
    DATA,
    POSITIVE,
    check_data,
    check_precision,
    common_options,
    dashboard_options,
    estimate_option,
    search_data_options,
    transform_option,
)
from .output import output_options
from .resume import hint_at, hint_at_resuming, recall_options
from .run_folder import name_run, require_new
from .setting_options import setting_options

# What the command takes where no option is given.
COMMAND_DEFAULTS = {
    **{field.name: field.default for field in dataclasses.fields(RetrainRunSettings)},
    "valid_freq": 5,
    "log_freq": 10,
}

GROUPS = {
    "Data": ("data", "data-dir", "image-size", "skip-damaged", "limit", "transform", "cutout"),
    "Network": ("preset", "space", "channels", "layers", "auxiliary-weight", "drop-path"),
    "Training": ("epochs", "batch-size", "accumulate-steps", "learning-rate", "momentum", "weight-decay", "grad-clip")
    + ("label-smoothing",),
    "Where and how it runs": ("seed", "device", "amp", "nproc", "data-parallel", "multiprocess", "deterministic")
    + ("estimate", "config"),
    "Checkpoints": ("resume", "checkpoint-steps", "checkpoint-minutes", "keep-checkpoints", "skip-nonfinite"),
    "Results": ("save-dir", "log-freq", "valid-freq", "language", "tensorboard", "visualdl", "json", "quiet"),
    "Help": ("help",),
}


@click.command(cls=GroupedCommand, groups=GROUPS, rest="Training")
@click.argument("genotype", type=GENOTYPE, required=False)
@search_data_options
@transform_option
@click.option(
    "--space",
    type=SPACE_NAME,
    metavar="NAME|FILE.py:NAME|FILE.yaml",
    help="Search space whose operations the genotype has, and from which 'random' draws.  [default: that of the "
    "search; else darts]",
)
@click.option(
    "--preset",
    type=click.Choice(list(PRESETS)),
    metavar="NAME",
    help=f"Settings for what no option says: {', '.join(PRESETS)}.  [default: a small one for the data and the "
    "genotype]",
)
@setting_options(RetrainSettings, {}, absent="that of the preset")
@setting_options(RetrainRunSettings, COMMAND_DEFAULTS, skip=("save_dir",))
@click.option(
    "--nproc",
    type=POSITIVE,
    default=1,
    help="Processes on this machine that share the training; each takes its share of the batches.",
)
@click.option(
    "--resume", is_flag=True, help="Resume the retraining in --save-dir, with the options that it was begun with."
)
@language_option("Language of the report.")
@dashboard_options
@estimate_option
@output_options
@common_options
@click.option(
    "--save-dir",
    type=click.Path(file_okay=False, path_type=pathlib.Path),
    help="A new or empty folder for all results.  [default: one in runs/]",
)
def retrain(genotype, save_dir, nproc, resume, estimate, out, **options):
    """Train the network of a genotype from scratch.

    GENOTYPE is the folder of a search, whose data set is taken too; a genotype.json; DARTS_V1, DARTS_V2 or PC_DARTS;
    a NAS-Bench-201 string; or 'random', a random cell drawn with --seed, as the baseline.

    The network is trained on all training images and measured on the test images. These choose nothing: the network
    after the last epoch is the result.

    \b
    paddleslim-darts retrain runs/search-...
    paddleslim-darts retrain DARTS_V2 --data cifar10 --preset cifar --device gpu
    """
    if resume:
        options = recall_options(save_dir, options)
        if genotype is not None and str(find_genotype(genotype)) != str(find_genotype(str(save_dir))):
            raise click.UsageError(
                f"GENOTYPE {genotype} is not that of {save_dir}; --resume takes that one, leave it out"
            )
        genotype = str(save_dir)
    elif genotype is None:
        raise click.UsageError("name a genotype, such as the folder of a search, DARTS_V2 or 'random'")
    check_precision(options["amp"], options["device"])
    check_data(options)
    recorded = read_recorded(genotype)
    if recorded.get("transform") and not options["transform"]:
        text = (
            f"Warning: the run in {genotype} has a transform, which this training does not take over, since "
            f"code that a folder names is not run; for the same images, repeat --transform {recorded['transform']}"
        )
        click.echo(visible(text), err=True)
    options["space"] = locate_space(options["space"] or check_recorded_space(recorded.get("space", "darts"), genotype))
    save_dir = save_dir or name_run("retrain", options["data"] or recorded.get("data") or "digits")
    if not (resume or estimate):
        require_new(save_dir)
    if nproc > 1 and not (estimate or is_rank()):
        with hint_at_resuming("retrain", save_dir):
            launch(nproc, share_arguments(sys.argv[1:], save_dir, out), save_dir / "logs")
        out.finish({"folder": str(save_dir), **read_object(save_dir / "result.json")})
        return
    space = find_space(options["space"])
    found = find_genotype(genotype, space, options["seed"])
    from .run_retraining import estimate_retraining, run_retraining

    if estimate:
        with hint_at(None):
            measured = estimate_retraining(found, space, options, recorded)
        out.say(measured.pop("text"))
        out.finish(measured)
        return
    options = {**options, **describe_origin(genotype, recorded)}
    with hint_at_resuming("retrain", save_dir):
        run_retraining(found, space, save_dir, options, recorded, resume, out.console)
    if not is_rank():
        out.finish({"folder": str(save_dir), **read_object(save_dir / "result.json")})


def describe_origin(genotype, recorded):
    """Return where a genotype came from, so that retrainings of one method's searches can be compared as a group."""
    if recorded.get("command") == "search":
        of_data = ("image_shape", "class_names", *DATA)
        searched = {name: value for name, value in recorded.items() if name not in ("command", "paddle", *of_data)}
        return {"origin": "search", "searched": searched}
    if recorded.get("command") == "retrain":
        return {name: recorded[name] for name in ("origin", "searched") if name in recorded}
    return {"origin": pathlib.Path(genotype).name if pathlib.Path(genotype).exists() else genotype}
