"""`search`: find an architecture on a data set."""

from __future__ import annotations

import pathlib
import sys

import click

from ..distributed.executor import choose_executor
from ..search.settings import SearchSettings
from ..state.sealed_json import read_object
from ..strategy.names import METHOD_NAMES
from .completion import SPACE_NAME
from .language import language_option
from .launch import is_rank, launch, share_arguments
from .lookup import locate_space
from .option_groups import GroupedCommand
from .options import (
    COUNT,
    POSITIVE,
    RATE,
    check_data,
    check_precision,
    common_options,
    dashboard_options,
    data_options,
    estimate_option,
    transform_option,
    worker_options,
)
from .output import output_options
from .presets import COMMAND_DEFAULTS, DEFAULT_METHOD, SEARCH_PRESETS, default_method, use_preset
from .resume import hint_at_resuming, recall_options
from .run_folder import name_run, require_empty
from .setting_options import setting_options

GROUPS = {
    "Data": ("data", "data-dir", "image-size", "skip-damaged", "limit", "transform", "augment"),
    "Search space": ("space", "channels", "layers", "steps"),
    "Method": ("preset", "method", "order", "difference", "costs", "budget", "budget-weight", "eigenvalue-freq")
    + ("stop-on-collapse", "epochs-no-archopt", "arch-learning-rate", "arch-betas", "arch-weight-decay"),
    "Several searches": ("seed", "seeds", "random-cells", "brief-epochs", "workers", "scheduler"),
    "Where and how it runs": ("device", "amp", "nproc", "data-parallel", "multiprocess", "recompute", "deterministic")
    + ("estimate", "config"),
    "Checkpoints": ("resume", "checkpoint-steps", "checkpoint-minutes", "keep-checkpoints", "skip-nonfinite"),
    "What it leaves": ("save-dir", "log-freq", "valid-freq", "language", "tensorboard", "visualdl", "json", "quiet"),
}


@click.command(cls=GroupedCommand, groups=GROUPS, rest="Training")
@data_options
@transform_option
@click.option(
    "--space",
    type=SPACE_NAME,
    default="darts",
    metavar="NAME|FILE.py:NAME|FILE.yaml",
    help="Search space: darts, pc-darts, nas-bench-201, s2, s3 or s4; one of your own; or a table of the operations "
    "of each edge.",
)
@click.option(
    "--preset",
    type=click.Choice(sorted(SEARCH_PRESETS)),
    is_eager=True,
    expose_value=False,
    callback=use_preset,
    help="Settings of a paper.  [default: small ones for the CPU]",
)
@click.option(
    "--method",
    type=click.Choice(METHOD_NAMES),
    help="Search method; partial channels, PC-DARTS, are a --space.  "
    f"[default: {DEFAULT_METHOD}; darts in a space of your own FILE.py, and in the presets of DARTS]",
)
@click.option(
    "--costs",
    type=click.Path(exists=True, dir_okay=False),
    help="File of `measure`: what the operations cost, for --budget.",
)
@click.option(
    "--budget", type=RATE, help="Cost of the network, in the unit of --costs, above which the alphas' loss grows."
)
@click.option(
    "--budget-weight", type=RATE, default=1.0, help="Weight of the share above the budget in the alphas' loss."
)
@setting_options(SearchSettings, {**COMMAND_DEFAULTS})
@click.option(
    "--order",
    type=click.Choice(["1", "2"]),
    default="1",
    help="Order of the hypergradient; 2 takes more than twice as long.",
)
@click.option("--channels", type=POSITIVE, default=8, help="Channels of the first cell.")
@click.option("--layers", type=POSITIVE, default=4, help="Cells of the supernet; of a stage in nas-bench-201.")
@click.option("--steps", type=POSITIVE, default=4, help="Inner states of a cell; nas-bench-201 has its own.")
@click.option("--recompute", is_flag=True, help="Compute cells again in the backward pass: slower, less memory.")
@click.option("--augment/--no-augment", default=True, help="Crop and flip the training images at random.")
@click.option("--nproc", type=POSITIVE, default=1, help="Processes on this machine that share the search.")
@click.option("--seeds", type=POSITIVE, default=1, help="Search so many times, from --seed on, and pick the best.")
@click.option("--random-cells", type=COUNT, default=0, help="Retrain so many random cells too, as the baseline.")
@click.option("--brief-epochs", type=POSITIVE, default=10, help="Epochs of each retraining that --seeds compares by.")
@worker_options
@click.option("--resume", is_flag=True, help="Resume the search in --save-dir, which keeps its other options.")
@language_option("Language of the report.")
@dashboard_options
@estimate_option
@output_options
@common_options
@click.option(
    "--save-dir",
    type=click.Path(file_okay=False, path_type=pathlib.Path),
    help="A new or empty folder.  [default: in runs/]",
)
def search(save_dir, resume, nproc, seeds, random_cells, brief_epochs, workers, scheduler, estimate, out, **options):
    """Search the cells of a network on a data set.

    Test images are left out; one half of the others trains the weights, the other half the alphas. With --seeds each
    of the cells found is retrained briefly on the first half, and the one that is best on the second is picked; these
    runs are independent and share the --workers, each of which computes in one thread.
    """
    if resume:
        counts = {"seeds": seeds, "random_cells": random_cells, "brief_epochs": brief_epochs}
        options = recall_options(save_dir, {**counts, **options})
        seeds, random_cells, brief_epochs = (options.pop(name) for name in counts)
    check_precision(options["amp"], options["device"])
    options["space"] = locate_space(options["space"])
    options["method"] = options["method"] or default_method(options["space"])
    check_data(options)
    save_dir = save_dir or name_run("search", options["data"] or "digits")
    if estimate:
        from .run_search import estimate_search

        found = estimate_search(options, seeds)
        out.say(found.pop("text"))
        out.finish(found)
        return
    if not (resume or is_rank()):
        require_empty(save_dir)
    many = seeds > 1 or random_cells > 0
    if nproc > 1 and not is_rank():
        if many:
            raise click.UsageError("--nproc shares one search; use it without --seeds and --random-cells")
        launch(nproc, share_arguments(sys.argv[1:], save_dir, out), save_dir / "logs")
        if out.as_json:
            out.finish(summarise_search(save_dir))
        return
    if (workers or scheduler) and not many:
        raise click.UsageError("--workers and --scheduler share out many runs; use them with --seeds or --random-cells")
    from .run_search import run_search
    from .seeds import run_seeds

    with hint_at_resuming("search", save_dir):
        if many and not is_rank():
            with choose_executor(workers, scheduler) as executor:
                run_seeds(run_search, executor, save_dir, seeds, random_cells, brief_epochs, options, out.console)
        else:
            run_search(save_dir, options, out.console, resume)
    if out.as_json and not is_rank():
        out.finish(summarise_search(save_dir))


def summarise_search(save_dir):
    """Return what a search, or one of many seeds, came to, in types that JSON has."""
    from ..genotype.json_file import read_genotype

    found = {"folder": str(save_dir), "genotype": str(read_genotype(save_dir / "genotype.json"))}
    if (save_dir / "seeds.json").is_file():
        pick = read_object(save_dir / "settings.json")["pick"]
        return {**found, "pick": pick, "cells": read_object(save_dir / "seeds.json")["cells"]}
    last = read_object(save_dir / "history.json")["epochs"][-1]
    return {**found, "epochs": last["epoch"] + 1, "last_epoch": {k: v for k, v in last.items() if k != "genotype"}}
