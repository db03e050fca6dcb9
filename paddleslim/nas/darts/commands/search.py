"""`search`: find an architecture on a data set."""

from __future__ import annotations

import dataclasses
import pathlib
import sys

import click
import paddle
import rich.console

from ..data import ShuffledBatches, split
from ..networks.costs import Costs
from ..report import Report, VisualDL
from ..report.drawing.figure import draw_genotype
from ..report.progress_bar import ProgressBar
from ..search.dart_search import DARTSearch, count_parameters_in_MB
from ..search.settings import SearchSettings
from ..search_space.recompute import recompute_cells
from ..state.sealed_json import write_object
from ..strategy.methods import METHODS
from ..training.device import name_device
from ..training.precision import check_amp
from .launch import is_first_rank, is_rank, launch
from .lookup import find_space, locate_space
from .options import COUNT, POSITIVE, RATE, common_options, data_options, load_chosen, transform_option
from .presets import SEARCH_PRESETS, use_preset
from .resume import recall_options
from .run_folder import logged_to, name_run, require_empty, seed_everything
from .seeds import run_seeds
from .setting_options import chosen_settings, setting_options

# What the command takes where no option is given: small enough for the CPU.
COMMAND_DEFAULTS = {
    **{field.name: field.default for field in dataclasses.fields(SearchSettings)},
    "num_epochs": 10,
    "arch_learning_rate": 3e-3,
    "valid_freq": 1,
    "log_freq": 10,
}
# Options that the report shows beside the arguments of DARTSearch.
SHOWN = ("space", "method", "channels", "layers", "steps", "recompute", "augment", "seed")


@click.command()
@data_options
@transform_option
@click.option(
    "--space",
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
    type=click.Choice(list(METHODS)),
    default="darts",
    help="How the search is made; pc-darts is a space of its own.",
)
@click.option(
    "--costs",
    type=click.Path(exists=True, dir_okay=False),
    help="File of `measure`: what the operations cost, for --budget.",
)
@click.option("--budget", type=RATE, help="Largest cost of the network that is free, in the unit of --costs.")
@click.option("--budget-weight", type=RATE, default=1.0, help="Of the share above the budget, in the alphas' loss.")
@setting_options(SearchSettings, {**COMMAND_DEFAULTS})
@click.option(
    "--order", type=click.Choice(["1", "2"]), default="1", help="Of the hypergradient: 2 takes more than twice as long."
)
@click.option("--channels", type=POSITIVE, default=8, help="Channels of the first cell.")
@click.option("--layers", type=POSITIVE, default=4, help="Cells of the supernet; of a stage in nas-bench-201.")
@click.option("--steps", type=POSITIVE, default=4, help="Inner states of a cell; nas-bench-201 has its own.")
@click.option("--recompute", is_flag=True, help="Compute cells again in the backward pass: slower, less memory.")
@click.option("--augment/--no-augment", default=True, help="Crop and flip the training images at random.")
@click.option("--nproc", type=POSITIVE, default=1, help="Processes on this machine that share the search.")
@click.option("--seeds", type=POSITIVE, default=1, help="Search so many times, from --seed on, and pick the best.")
@click.option("--random-cells", type=COUNT, default=0, help="Retrain so many random cells too, as the baseline.")
@click.option("--brief-epochs", type=POSITIVE, default=10, help="Of each retraining that --seeds compares by.")
@click.option("--resume", is_flag=True, help="Resume the search in --save-dir, which keeps its other options.")
@click.option("--visualdl", is_flag=True, help="Write a log for VisualDL too, to visualdl/ in the folder.")
@common_options
@click.option("--save-dir", type=click.Path(path_type=pathlib.Path), help="A new or empty folder.  [default: in runs/]")
def search(save_dir, resume, nproc, seeds, random_cells, brief_epochs, **options):
    """Search the cells of a network on a data set.

    Test images are left out; one half of the others trains the weights, the other half the alphas. With --seeds each
    of the cells found is retrained briefly on the first half, and the one that is best on the second is picked.
    """
    console = rich.console.Console(quiet=not is_first_rank())
    if resume:
        many = {"seeds": seeds, "random_cells": random_cells, "brief_epochs": brief_epochs}
        options = recall_options(save_dir, {**many, **options})
        seeds, random_cells, brief_epochs = (options.pop(name) for name in many)
    check_amp(options["amp"], name_device(options["device"]))
    options["space"] = locate_space(options["space"])
    save_dir = save_dir or name_run("search", options["data"] or "digits")
    if is_rank():
        run_search(save_dir, options, console, resume)
        return
    if not resume:
        require_empty(save_dir)
    if nproc > 1:
        if seeds > 1 or random_cells:
            raise click.UsageError("--nproc shares one search; use it without --seeds and --random-cells")
        # An option given twice takes its last value.
        launch(
            nproc, [*sys.argv[1:], "--nproc", "1", "--data-parallel", "--save-dir", str(save_dir)], save_dir / "logs"
        )
        return
    if seeds > 1 or random_cells:
        run_seeds(run_search, save_dir, seeds, random_cells, brief_epochs, options, console, resume)
        return
    run_search(save_dir, options, console, resume)


def run_search(save_dir, options, console, resume=False):
    """Search with these options of `search`, write everything to `save_dir`, say where, and return the genotype."""
    seed_everything(options["seed"])
    dataset, choice = load_chosen(options)
    train, valid = split(dataset.train, 0.5, seed=options["seed"])
    channels = dataset.image_shape[0]
    space = find_space(options["space"])
    strategy = choose_strategy(options)
    further = {"auxiliary_skip": True} if getattr(strategy.mixture, "needs_auxiliary_skip", False) else {}
    supernet = space.build_supernet(
        options["channels"], dataset.num_classes, options["layers"], channels, options["steps"], **further
    )
    if options["recompute"]:
        recompute_cells(supernet)
    title = f"{dataset.name}, {space.name}, seed {options['seed']}"
    seen = {"data": dataset.name, "training + validation images": f"{len(train)} + {len(valid)}"}
    seen.update((name, options[name]) for name in SHOWN)
    observers = [ProgressBar(console), Report(save_dir, title, seen)]
    observers += [VisualDL(save_dir / "visualdl")] if options["visualdl"] else []
    searcher = make_searcher(supernet, train, valid, dataset.augmentation, save_dir, options, observers, strategy)
    console.print(
        f"Searching {space.name} on {len(train)} training and {len(valid)} validation images of "
        f"{dataset.num_classes} classes; the supernet has {count_parameters_in_MB(supernet.parameters()):.2f} million "
        "parameters.",
        highlight=False,
        soft_wrap=True,
    )
    if not is_first_rank():
        return searcher.train(resume)
    write_object(save_dir / "settings.json", {"command": "search", "paddle": paddle.__version__, **options, **choice})
    with logged_to(save_dir / "search.log"):
        genotype = searcher.train(resume)
    epochs = [{**dataclasses.asdict(e), "genotype": str(e.genotype)} for e in searcher.history]
    write_object(save_dir / "history.json", {"epochs": epochs})
    draw_genotype(genotype, save_dir / "genotype.png", title)
    report(genotype, searcher.history[-1].valid_accuracy, dataset.num_classes, save_dir, options["log_freq"], console)
    return genotype


def choose_strategy(options):
    """Return the `Strategy` of these options, with the budget as a penalty.

    Raises:
        click.UsageError: a budget without costs, or costs without a budget.
    """
    strategy, path, budget = METHODS[options["method"]], options["costs"], options["budget"]
    if (path is None) != (budget is None):
        raise click.UsageError("--budget and --costs belong together; `paddleslim-darts measure` writes the file")
    if path is None:
        return strategy
    penalty = Costs.load(path).penalty(budget, options["budget_weight"])
    return dataclasses.replace(strategy, penalties=(*strategy.penalties, penalty))


def make_searcher(supernet, train, valid, augmentation, save_dir, options, callbacks, strategy=None):
    """Return the `DARTSearch` of these options."""
    seed = options["seed"]

    def normalise(image, rng):
        return augmentation.normalise(image)

    return DARTSearch(
        supernet,
        ShuffledBatches(train, options["batch_size"], seed, augmentation if options["augment"] else normalise),
        ShuffledBatches(valid, options["batch_size"], seed + 1, normalise),
        options["device"],
        num_imgs=len(train) + len(valid),
        unrolled=options["order"] == "2",
        strategy=strategy,
        save_dir=str(save_dir),
        callbacks=callbacks,
        **chosen_settings(SearchSettings, options),
    )


def report(genotype, accuracy, num_classes, save_dir, log_freq, console):
    """Say what was found and where everything is."""
    console.print(f"\n{genotype}\n", highlight=False, soft_wrap=True)
    console.print(
        f"Validation accuracy of the supernet: {accuracy:.1%} (chance: {1 / num_classes:.1%})", highlight=False
    )
    console.print(
        f"""Everything is in {save_dir}:
  genotype.json   the cells found        genotype.png    their picture
  history.json    every epoch            search.log      every {log_freq} steps
  settings.json   how it was searched    <epoch>/        parameters and genotype after each epoch
  report.html     the search as a page   search.gif      the search in motion
Next: paddleslim-darts retrain {save_dir}""",
        highlight=False,
        soft_wrap=True,
    )
