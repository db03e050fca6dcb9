"""Many searches: each genotype retrained briefly, the best on held-out validation images picked."""

from __future__ import annotations

import dataclasses

import numpy as np
import paddle
import rich.table

from ..data import split
from ..genotype.json_file import read_genotype, write_genotype
from ..report.progress_bar import ProgressBar
from ..retrain import PRESETS, count_parameters, prepare_retraining
from ..state.sealed_json import write_object
from .lookup import find_space
from .options import load_chosen
from .retrain_settings import choose_preset
from .run_folder import logged_to

__all__ = ["run_seeds"]


def run_seeds(search, save_dir, seeds, random_cells, brief_epochs, options, console, resume=False):
    """Search `seeds` times, draw random cells, retrain all of them alike, and report mean, spread and the pick.

    Each search and each retraining has a folder of its own, which is complete or can be resumed.

    Args:
        search: function of (folder, options, console, resume) that searches and returns the genotype.
        save_dir: a folder; `seed-<n>/` are the searches, `genotype.json` the pick, `seeds.json` all numbers.
        seeds, random_cells: how many searches, from `options["seed"]` on, and how many random cells.
        brief_epochs: of each retraining.
        options: of `search`.
        console: where to report.
        resume: True to keep what `save_dir` holds and do the rest.
    """
    dataset, choice = load_chosen(options)
    options = {**options, **choice}
    space, first = find_space(options["space"]), options["seed"]
    train, valid = split(dataset.train, 0.5, seed=first)
    recorded = {**options, "command": "search", "paddle": paddle.__version__, "seeds": seeds}
    recorded.update(random_cells=random_cells, brief_epochs=brief_epochs)
    write_object(save_dir / "settings.json", recorded)
    cells = []
    for seed in range(first, first + seeds):
        console.print(f"\nSeed {seed}, search {seed - first + 1} of {seeds}", style="bold", highlight=False)
        folder = save_dir / f"seed-{seed}"
        cells.append(("searched", seed, search_once(search, folder, {**options, "seed": seed}, console, resume)))
    cells += [("random", s, space.draw_genotype(s, options["steps"])) for s in range(first, first + random_cells)]

    results = []
    for kind, seed, genotype in cells:
        console.print(f"\nRetraining the {kind} cell of seed {seed} for {brief_epochs} epochs", highlight=False)
        preset = PRESETS[choose_preset(genotype, dataset.name)]
        size = min(preset.batch_size, len(train))
        # All are trained alike: on the same halves, from the same seed. Test images are not touched.
        retraining = prepare_retraining(
            genotype,
            train,
            valid,
            dataset.augmentation,
            dataclasses.replace(preset, epochs=brief_epochs, batch_size=size),
            seed=first,
            place=options["device"],
            builders=space.builders,
            amp=options["amp"],
            save_dir=save_dir / f"retrain-{kind}-{seed}",
            callbacks=[ProgressBar(console)],
        )
        with logged_to(save_dir / f"retrain-{kind}-{seed}.log"):
            retraining.train(resume)
        accuracy, parameters = retraining.history[-1].valid_accuracy, count_parameters(retraining.model)
        results.append(
            {"kind": kind, "seed": seed, "accuracy": accuracy, "parameters": parameters, "genotype": genotype}
        )
    pick = max((r for r in results if r["kind"] == "searched"), key=lambda r: r["accuracy"])
    write_genotype(save_dir / "genotype.json", pick["genotype"])
    write_object(save_dir / "seeds.json", {"cells": [{**r, "genotype": str(r["genotype"])} for r in results]})
    write_object(save_dir / "settings.json", {**recorded, "pick": pick["seed"]})
    print_results(results, pick, console)
    console.print(
        f"Picked the cell of seed {pick['seed']}: {save_dir / 'genotype.json'}\n"
        f"All numbers are in {save_dir / 'seeds.json'}.  Next: paddleslim-darts retrain {save_dir}",
        highlight=False,
        soft_wrap=True,
    )


def search_once(search, folder, options, console, resume):
    """Return the genotype of one seed: that of a search that is complete, or of one that is begun or resumed."""
    if resume and (folder / "history.json").is_file():
        return read_genotype(folder / "genotype.json")
    return search(folder, options, console, resume and (folder / "settings.json").is_file())


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
