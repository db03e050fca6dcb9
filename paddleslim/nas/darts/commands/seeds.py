"""Many searches: each genotype retrained briefly, the best on held-out validation images picked."""

from __future__ import annotations

import dataclasses
import shlex

import numpy as np
import paddle
import rich.console
import rich.table

from ....common.log_helper import package_logger
from ..data import split
from ..distributed.executor import compute_all
from ..genotype.json_file import read_genotype, write_genotype
from ..report import read_recording, write_recording, write_report
from ..retrain import PRESETS, count_parameters, prepare_retraining
from ..state.run_files import clear_run
from ..state.run_lock import reserved
from ..state.sealed_json import write_object
from .lookup import find_space
from .options import load_chosen
from .retrain_settings import choose_preset
from .run_folder import logged_to
from .seeds_report import write_seeds_report

__all__ = ["run_seeds"]

logger = package_logger(__name__)


def run_seeds(search, executor, save_dir, seeds, random_cells, brief_epochs, options, console):
    """Search `seeds` times, draw random cells, retrain all of them alike, and report mean, spread and the pick.

    Each search and each retraining has a folder of its own, which is complete or can be resumed; what the folders hold
    already is not computed again.

    Args:
        search: function of (folder, options, console, resume) that searches and returns the genotype.
        executor: a `concurrent.futures.Executor`; on a cluster all machines must see the folder and the data.
        save_dir: a folder; `seed-<n>/` are the searches, `genotype.json` the pick, `seeds.json` all numbers,
            `report.html` their page.
        seeds, random_cells: how many searches, from `options["seed"]` on, and how many random cells.
        brief_epochs: of each retraining.
        options: of `search`.
        console: where to report.
    """
    dataset, choice = load_chosen(options)
    options, save_dir, first = {**options, **choice}, save_dir.resolve(), options["seed"]
    space = find_space(options["space"])
    # What cannot be retrained is refused before the first search.
    prepare_brief(space.draw_genotype(first, options["steps"]), brief_epochs, options)
    recorded = {**options, "command": "search", "paddle": paddle.__version__, "seeds": seeds}
    recorded.update(random_cells=random_cells, brief_epochs=brief_epochs)
    recorded.update(image_shape=dataset.image_shape, class_names=dataset.class_names)
    with reserved(save_dir):
        clear_run(save_dir)
        write_object(save_dir / "settings.json", recorded)

        found = {}
        searches = {
            seed: (search, save_dir / f"seed-{seed}", {**options, "seed": seed}) for seed in range(first, first + seeds)
        }
        console.print(f"{seeds} searches, in {save_dir}", highlight=False, soft_wrap=True)
        for seed, genotype in compute_all(executor, search_once, searches):
            found["searched", seed] = genotype
            console.print(f"{len(found)}/{seeds} search of seed {seed}: {genotype}", highlight=False, soft_wrap=True)
        cells = {("searched", seed): found["searched", seed] for seed in searches}
        for seed in range(first, first + random_cells):
            cells["random", seed] = space.draw_genotype(seed, options["steps"])
        results = retrain_all(executor, save_dir, cells, brief_epochs, options, console)
        conclude(save_dir, results, recorded, console)


def retrain_all(executor, save_dir, cells, brief_epochs, options, console):
    """Retrain the cells `{(kind, seed): genotype}` alike; return a list of results in this order."""
    console.print(
        f"{len(cells)} retrainings of {brief_epochs} {'epoch' if brief_epochs == 1 else 'epochs'}", highlight=False
    )
    trainings = {
        (kind, seed): (save_dir / f"retrain-{kind}-{seed}", genotype, brief_epochs, options)
        for (kind, seed), genotype in cells.items()
    }
    measured = {}
    for (kind, seed), measures in compute_all(executor, retrain_once, trainings):
        measured[kind, seed] = measures
        line = f"{len(measured)}/{len(cells)} {kind} cell of seed {seed}: {measures['accuracy']:.2%}"
        console.print(line, highlight=False)
    return [
        {"kind": kind, "seed": seed, **measured[kind, seed], "genotype": genotype}
        for (kind, seed), genotype in cells.items()
    ]


def search_once(search, folder, options):
    """Return the genotype of one seed: that of a search that is complete, or of one that is begun or resumed."""
    if (folder / "history.json").is_file():
        return read_genotype(folder / "genotype.json")
    return search(folder, options, rich.console.Console(quiet=True), (folder / "settings.json").is_file())


def retrain_once(folder, genotype, brief_epochs, options):
    """Return accuracy and parameters of a cell's network after a brief training, which is begun or resumed."""
    retraining = prepare_brief(genotype, brief_epochs, options, folder)
    with logged_to(folder.with_suffix(".log")):
        retraining.train(resume=True)  # begun, where there is nothing to resume
    return {"accuracy": retraining.history[-1].valid_accuracy, "parameters": count_parameters(retraining.model)}


def prepare_brief(genotype, epochs, options, folder=None):
    """Return the `Retraining` of a cell that is to be compared with others.

    All are trained alike: on the same halves of the images, from the same seed. Test images are not touched.
    """
    dataset, _ = load_chosen(options)
    train, valid = split(dataset.train, 0.5, seed=options["seed"])
    preset = PRESETS[choose_preset(genotype, dataset.name)]
    return prepare_retraining(
        genotype,
        train,
        valid,
        dataset.augmentation,
        dataclasses.replace(preset, epochs=epochs, batch_size=min(preset.batch_size, len(train))),
        seed=options["seed"],
        place=options["device"],
        builders=find_space(options["space"]).builders,
        amp=options["amp"],
        save_dir=folder,
    )


def conclude(save_dir, results, recorded, console):
    """Pick the best of the searched cells, write all numbers, and report them."""
    pick = max((r for r in results if r["kind"] == "searched"), key=lambda r: r["accuracy"])
    write_genotype(save_dir / "genotype.json", pick["genotype"])
    write_object(save_dir / "seeds.json", {"cells": [{**r, "genotype": str(r["genotype"])} for r in results]})
    recorded = {**recorded, "pick": pick["seed"]}
    write_object(save_dir / "settings.json", recorded)
    show_random(save_dir, results, recorded["language"])
    show_all(save_dir, results, recorded)
    print_results(results, pick, console)
    console.print(
        f"Picked the cell of seed {pick['seed']}: {save_dir / 'genotype.json'}\n"
        f"All numbers are in {save_dir / 'seeds.json'}; {save_dir / 'report.html'} shows them.\n"
        f"Next: paddleslim-darts retrain {shlex.quote(str(save_dir))}",
        highlight=False,
        soft_wrap=True,
    )


def show_random(save_dir, results, language):
    """Let the report of each search say how its cell compares with the random ones."""
    accuracies = [r["accuracy"] for r in results if r["kind"] == "random"]
    for r in results if accuracies else []:
        folder = save_dir / f"seed-{r['seed']}"
        if r["kind"] != "searched":
            continue
        try:
            recording = read_recording(folder / "recording.json")
            recording.about["random"] = {"own": r["accuracy"], "random": accuracies}
            write_recording(folder / "recording.json", recording)
            write_report(folder / "report.html", recording, language)
        except (OSError, ValueError) as error:  # the searches are worth more than their pages
            logger.warning("the report in %s does not show the random cells: %s", folder, error)


def show_all(save_dir, results, recorded):
    """Write the report of all searches."""
    space = find_space(recorded["space"])
    try:
        write_seeds_report(save_dir, results, recorded, lambda seed: space.draw_genotype(seed, recorded["steps"]))
    except (OSError, ValueError) as error:  # the searches are worth more than their page
        logger.warning("%s cannot be written: %s", save_dir / "report.html", error)


def print_results(results, pick, console):
    """Print a table of all cells, then mean and standard deviation of each kind."""
    table = rich.table.Table(title="Accuracy on held-out validation images after a brief retraining")
    table.add_column("cell")
    for heading in ("seed", "accuracy", "parameters"):
        table.add_column(heading, justify="right")
    for r in results:
        chosen = "  <- picked" if r is pick else ""
        table.add_row(r["kind"], str(r["seed"]), f"{r['accuracy']:.2%}", f"{r['parameters']:,}{chosen}")
    console.print(table)
    for kind in dict.fromkeys(r["kind"] for r in results):
        accuracies = [r["accuracy"] for r in results if r["kind"] == kind]
        spread = f" ± {np.std(accuracies, ddof=1):.2%}" if len(accuracies) > 1 else ""
        console.print(f"{kind}: {np.mean(accuracies):.2%}{spread} of {len(accuracies)}", highlight=False)
