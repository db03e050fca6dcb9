"""A search with the options of `search`."""

from __future__ import annotations

import dataclasses
import pathlib
import shlex
import tempfile

import click
import numpy as np
import paddle

from ..data import ShuffledBatches, split
from ..networks.build import build_network
from ..networks.costs import Costs
from ..networks.measure import count_multiply_adds, count_parameters
from ..report import Report, TensorBoard, VisualDL
from ..report.drawing.figure import draw_genotype
from ..report.progress_bar import ProgressBar
from ..search.dart_search import DARTSearch, count_parameters_in_MB
from ..search.settings import SearchSettings
from ..search_space.recompute import recompute_cells
from ..state.run_lock import reserved
from ..state.sealed_json import write_object
from ..strategy.methods import METHODS
from .estimate import STEPS, Pace, describe_estimate, head, measure_pace, project, spell_seconds
from .launch import is_first_rank
from .lookup import find_space
from .options import load_chosen
from .retrain_settings import choose_preset, choose_settings
from .run_folder import logged_to, seed_everything
from .setting_options import chosen_settings

__all__ = ["build_supernet", "choose_strategy", "estimate_search", "make_searcher", "open_dashboards", "run_search"]

# Options that the report shows beside the arguments of DARTSearch.
SHOWN = ("space", "method", "channels", "layers", "steps", "recompute", "augment", "seed")


def run_search(save_dir, options, console, resume=False):
    """Search with these options of `search`, write everything to `save_dir`, say where, and return the genotype."""
    seed_everything(options["seed"])
    dataset, choice = load_chosen(options)
    train, valid = split(dataset.train, 0.5, seed=options["seed"])
    space, strategy = find_space(options["space"]), choose_strategy(options)
    supernet = build_supernet(space, strategy, dataset, options)
    title = f"{dataset.name}, {space.name}, seed {options['seed']}"
    seen = {"data": dataset.name, "training + validation images": f"{len(train)} + {len(valid)}"}
    seen.update((name, options[name]) for name in SHOWN)
    parts = {"training": train, "validation": valid}
    folder = shlex.quote(str(save_dir))
    about = {
        "next": f"paddleslim-darts retrain {folder}",
        "resume": f"paddleslim-darts search --resume --save-dir {folder}",
        "classes": count_classes(dataset, parts),
    }

    def measure(genotype):
        return measure_found(genotype, space, dataset, options)

    observers = [ProgressBar(console), Report(save_dir, title, seen, options["language"], about=about, measure=measure)]
    observers += open_dashboards(save_dir, options)
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
    with reserved(save_dir):
        recorded = {"command": "search", "paddle": paddle.__version__, **options, **choice, **describe_images(dataset)}
        write_object(save_dir / "settings.json", recorded)
        with logged_to(save_dir / "search.log", console):
            genotype = searcher.train(resume)
        epochs = [{**dataclasses.asdict(e), "genotype": str(e.genotype)} for e in searcher.history]
        write_object(save_dir / "history.json", {"epochs": epochs})
        draw_genotype(genotype, save_dir / "genotype.png", title)
    report(genotype, searcher.history[-1].valid_accuracy, dataset.num_classes, save_dir, options["log_freq"], console)
    return genotype


def describe_images(dataset):
    """Return what `show` needs to know of the images, to build the network of a run."""
    return {"image_shape": dataset.image_shape, "class_names": dataset.class_names}


def count_classes(dataset, parts):
    """Return how many images of each class the parts of a data set hold, as the report shows them."""
    counts = {name: np.bincount(part.label, minlength=dataset.num_classes).tolist() for name, part in parts.items()}
    return {"names": dataset.class_names, "counts": counts}


def measure_found(genotype, space, dataset, options):
    """Return what the network of a genotype costs, in the size of the search, as `show` says it."""
    sizes = {"channels": options["channels"], "layers": options["layers"]}
    settings = choose_settings(choose_preset(genotype, None), sizes)
    network = build_network(genotype, dataset.image_shape, dataset.num_classes, settings, space.builders)
    multiply_adds = count_multiply_adds(network, dataset.image_shape)
    return {"parameters": count_parameters(network), "multiply_adds": multiply_adds}


def build_supernet(space, strategy, dataset, options):
    """Return the supernet of these options for a data set."""
    further = {"auxiliary_skip": True} if getattr(strategy.mixture, "needs_auxiliary_skip", False) else {}
    supernet = space.build_supernet(
        options["channels"], dataset.num_classes, options["layers"], dataset.image_shape[0], options["steps"], **further
    )
    if options["recompute"]:
        recompute_cells(supernet)
    return supernet


def open_dashboards(save_dir, options):
    """Return the observers that write logs for the dashboards that were asked for."""
    kinds = {"visualdl": VisualDL, "tensorboard": TensorBoard}
    return [kind(save_dir / name) for name, kind in kinds.items() if options[name]]


def estimate_search(options, seeds=1):
    """Return what `seeds` searches with these options will take, with a `text`; a few steps are taken for it."""
    seed_everything(options["seed"])
    dataset, _ = load_chosen(options)
    train, valid = split(dataset.train, 0.5, seed=options["seed"])
    space, strategy = find_space(options["space"]), choose_strategy(options)
    supernet, pace = build_supernet(space, strategy, dataset, options), Pace()
    first, second = (head(images, STEPS * options["batch_size"]) for images in (train, valid))
    # Architecture steps from the first epoch on, of which a validation ends each; a second epoch ends the estimate.
    measured = {**options, "epochs_no_archopt": 0, "valid_freq": 1, "epochs": max(2, options["epochs"])}
    with tempfile.TemporaryDirectory() as folder, logged_to(pathlib.Path(folder) / "search.log"):
        searcher = make_searcher(supernet, first, second, dataset.augmentation, folder, measured, [pace], strategy)
        measure_pace(pace, searcher.train)
    batch, epochs = options["batch_size"], options["epochs"]
    steps = min(len(train), len(valid)) // batch
    found = project(pace, steps, epochs, options["valid_freq"], len(valid) // batch * batch)
    text = describe_estimate(found)
    if options["epochs_no_archopt"]:
        text += f"\nIt is less: the first {options['epochs_no_archopt']} epochs leave the alphas alone."
    if seeds > 1:
        found.update(searches=seeds, seconds=round(seeds * found["seconds"], 1))
        text += f"\nThat is one of {seeds} searches: about {spell_seconds(found['seconds'])}, without the retrainings."
    return {**found, "text": text}


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
Next: paddleslim-darts retrain {shlex.quote(str(save_dir))}""",
        highlight=False,
        soft_wrap=True,
    )
