"""`search`: find an architecture on a data set."""

from __future__ import annotations

import pathlib
import sys

import click

from ..search.settings import SearchSettings
from ..search_space.catalogue import SPACES
from ..state.sealed_json import read_object
from ..strategy.names import METHOD_NAMES
from .completion import METHOD, SPACE_NAME
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
    refuse_given,
    transform_option,
    worker_options,
)
from .output import output_options
from .presets import COMMAND_DEFAULTS, DEFAULT_METHOD, SEARCH_PRESETS, default_method, use_preset
from .resume import hint_at, hint_at_resuming, recall_options
from .run_folder import name_run, require_new
from .setting_options import setting_options

GROUPS = {
    "Data": ("data", "data-dir", "image-size", "skip-damaged", "limit", "transform", "augment"),
    "Search space": ("space", "channels", "layers", "steps"),
    "Method": ("preset", "method", "order", "difference", "costs", "budget", "budget-weight", "eigenvalue-freq")
    + ("stop-on-collapse", "epochs-no-archopt", "arch-learning-rate", "arch-betas", "arch-weight-decay"),
    "Training": ("epochs", "batch-size", "accumulate-steps", "learning-rate", "learning-rate-end", "momentum")
    + ("nesterov", "weight-decay", "grad-clip"),
    "Several searches": ("seed", "seeds", "random-cells", "brief-epochs", "workers", "scheduler"),
    "Where and how it runs": ("device", "amp", "nproc", "data-parallel", "multiprocess", "recompute", "deterministic")
    + ("estimate", "config"),
    "Checkpoints": ("resume", "checkpoint-steps", "checkpoint-minutes", "keep-checkpoints", "skip-nonfinite"),
    "Results": ("save-dir", "log-freq", "valid-freq", "language", "tensorboard", "visualdl", "json", "quiet"),
    "Help": ("help",),
}


@click.command(cls=GroupedCommand, groups=GROUPS, rest="Training")
@data_options
@transform_option
@click.option(
    "--space",
    type=SPACE_NAME,
    default="darts",
    metavar="NAME|FILE.py:NAME|FILE.yaml",
    help=f"Search space: {', '.join(SPACES)}; or one of your own, called NAME in FILE.py; or a FILE.yaml with the "
    "operations of each edge.",
)
@click.option(
    "--preset",
    type=click.Choice(sorted(SEARCH_PRESETS)),
    is_eager=True,
    expose_value=False,
    callback=use_preset,
    metavar="NAME",
    help=f"Settings of a paper, for what no option says: {', '.join(sorted(SEARCH_PRESETS))}.  [default: small ones "
    "for the CPU]",
)
@click.option(
    "--method",
    type=METHOD,
    metavar="NAME",
    help=f"Search method: {', '.join(METHOD_NAMES)}. For PC-DARTS write --space pc-darts.  "
    f"[default: {DEFAULT_METHOD}; darts in a space of your own FILE.py, and in the presets of DARTS]",
)
@click.option(
    "--costs",
    type=click.Path(exists=True, dir_okay=False),
    help="File in which `measure` wrote what each operation costs; --budget needs it.",
)
@click.option(
    "--budget",
    type=RATE,
    help="Cost that the network found should not exceed, in the unit of --costs; the loss of the alphas grows with "
    "what is above it.",
)
@click.option(
    "--budget-weight",
    type=RATE,
    default=1.0,
    help="How strongly the loss of the alphas grows with the share above --budget.",
)
@setting_options(SearchSettings, {**COMMAND_DEFAULTS})
@click.option(
    "--order",
    type=click.Choice(["1", "2"]),
    default="1",
    help="1 for the first-order gradient of the alphas; 2 for the second-order one of DARTS, which takes more than "
    "twice as long.",
)
@click.option("--channels", type=POSITIVE, default=8, help="Channels of the first cell; each reduction doubles them.")
@click.option(
    "--layers", type=POSITIVE, default=4, help="Cells of the supernet; in nas-bench-201, of each of its three stages."
)
@click.option(
    "--steps",
    type=POSITIVE,
    default=4,
    help="Nodes of a cell between its inputs and its output; nas-bench-201 has its own number.",
)
@click.option(
    "--recompute",
    is_flag=True,
    help="Compute each cell again in the backward pass instead of keeping its results: slower, with less memory.",
)
@click.option("--augment/--no-augment", default=True, help="Crop and flip the training images at random.")
@click.option(
    "--nproc",
    type=POSITIVE,
    default=1,
    help="Processes on this machine that share the search; each takes its share of the batches.",
)
@click.option(
    "--seeds",
    type=POSITIVE,
    default=1,
    help="Number of searches, with the seeds from --seed on; the best of their cells is picked.",
)
@click.option(
    "--random-cells", type=COUNT, default=0, help="Number of random cells that are retrained too, as the baseline."
)
@click.option(
    "--brief-epochs", type=POSITIVE, default=10, help="Epochs of the retrainings by which --seeds compares cells."
)
@worker_options
@click.option(
    "--resume", is_flag=True, help="Resume the search in --save-dir, with the options that it was begun with."
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
def search(save_dir, resume, nproc, seeds, random_cells, brief_epochs, workers, scheduler, estimate, out, **options):
    """Search the cells of a network on a data set.

    The supernet has every operation of the space on every edge of its cells. One half of the training images trains
    the weights of these operations, the other half the alphas, numbers that say how strong each operation is. The
    strongest ones make the cells that are found, the genotype. Test images are left out.

    With --seeds, each of the cells found is retrained briefly on the first half, and the one that is best on the second
    half is picked. These runs are independent: --workers computes several at a time, each in one thread.

    \b
    paddleslim-darts search                          # on handwritten digits
    paddleslim-darts search --data photos --image-size 32 --epochs 30
    paddleslim-darts search --seeds 4 --random-cells 4
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

        with hint_at(None):
            found = estimate_search(options, seeds)
        out.say(found.pop("text"))
        out.finish(found)
        return
    if not resume:
        require_new(save_dir)
    many = seeds > 1 or random_cells > 0
    refuse_idle_options(options, many)
    if nproc > 1 and not is_rank():
        if many:
            raise click.UsageError("--nproc shares one search; use it without --seeds and --random-cells")
        with hint_at_resuming("search", save_dir):
            launch(nproc, share_arguments(sys.argv[1:], save_dir, out), save_dir / "logs")
        if out.as_json:
            out.finish(summarise_search(save_dir))
        return
    if (workers or scheduler) and not many:
        raise click.UsageError("--workers and --scheduler share out many runs; use them with --seeds or --random-cells")
    from ..distributed.executor import choose_executor
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


def refuse_idle_options(options, many):
    """Raise a UsageError where the command line has an option that changes nothing beside the others."""
    first_order = options["order"] == "1" and options["method"] != "darts-2nd"
    refuse_given(
        {
            "difference": (first_order, "changes nothing here; use it with --order 2"),
            "budget_weight": (options["budget"] is None, "changes nothing here; use it with --budget"),
            "brief_epochs": (not many, "changes nothing here; use it with --seeds or --random-cells"),
        }
    )


def summarise_search(save_dir):
    """Return what a search, or one of many seeds, came to, in types that JSON has."""
    from ..genotype.json_file import read_genotype

    found = {"folder": str(save_dir), "genotype": str(read_genotype(save_dir / "genotype.json"))}
    if (save_dir / "seeds.json").is_file():
        pick = read_object(save_dir / "settings.json")["pick"]
        return {**found, "pick": pick, "cells": read_object(save_dir / "seeds.json")["cells"]}
    last = read_object(save_dir / "history.json")["epochs"][-1]
    return {**found, "epochs": last["epoch"] + 1, "last_epoch": {k: v for k, v in last.items() if k != "genotype"}}
