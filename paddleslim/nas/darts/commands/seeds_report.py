"""The report of many searches: what each found, how far they agree, and what random cells are worth."""

from __future__ import annotations

import itertools
import pathlib
import shlex
import statistics
from typing import Any

from ..report.conclusion import Remark
from ..report.downloads import link_csv, link_json
from ..report.drawing import read_cells, write_cell
from ..report.labels import LABELS, find_language
from ..report.recording import plain
from ..report.rendering import render_page, spell_count, spell_mean
from ..state.atomic_file import write_text_atomically
from ..strategy.stopping import count_skips
from .compare_report import compare_means, draw_overlays
from .compared_runs import expand, read_run

__all__ = ["count_shared", "list_choices", "render_seeds", "write_seeds_report"]

DRAWN = 100  # random cells whose agreement is that of chance
COLUMNS = ("kind", "seed", "accuracy", "parameters", "skips", "validation", "genotype")


def write_seeds_report(
    save_dir: pathlib.Path, results: list[dict[str, Any]], recorded: dict[str, Any], draw: Any
) -> None:
    """Write the page of `render_seeds` to `report.html` in the folder of many searches, beside its `seeds.json`."""
    rows = [read_run(folder) for folder in expand(save_dir)]
    text = render_seeds(save_dir, results, recorded, rows, draw, recorded["language"])
    write_text_atomically(save_dir / "report.html", text)


def render_seeds(
    save_dir: pathlib.Path,
    results: list[dict[str, Any]],
    recorded: dict[str, Any],
    rows: list[dict[str, Any]],
    draw: Any,
    language: str = "en",
) -> str:
    """Return a page about several searches of one kind.

    Args:
        save_dir: their folder; the search of seed n is in `seed-<n>`.
        results: of each cell 'kind' ('searched' or 'random'), 'seed', 'accuracy', 'parameters' and 'genotype'.
        recorded: their settings, with the 'pick', a seed, and the 'brief_epochs'.
        rows: what `read_run` returned of each search.
        draw: function of a seed that returns a random genotype of the space.
        language: 'en' or 'zh_cn'.
    """
    labels = LABELS[find_language(language)]
    reached = {row["seed"]: row["validation"] for row in rows}
    cells = [describe_result(result, recorded["pick"], reached) for result in results]
    searched = [cell for cell in cells if cell["kind"] == "searched"]
    named = [{**row, "run": f"{labels['seed']} {row['seed']}"} for row in rows]
    folder = shlex.quote(str(save_dir))
    return render_page(
        "seeds.html",
        language,
        title=f"{pathlib.Path(recorded['data'] or 'digits').name}, {pathlib.Path(recorded['space']).name}: "
        + labels["many_searches"].format(count=len(searched)),
        remarks=conclude_seeds(cells, recorded, draw, labels),
        kinds=[summarise(kind, cells, labels) for kind in dict.fromkeys(cell["kind"] for cell in cells)],
        cells=cells,
        agreement=tabulate_agreement(searched) if len(searched) > 1 else [],
        seeds=[row["seed"] for row in rows],
        overlays=draw_overlays(named, {id(row): number for number, row in enumerate(named)}, labels),
        genotype=next(cell["genotype"] for cell in searched if cell["picked"]),
        commands=[f"paddleslim-darts retrain {folder}", f"paddleslim-darts compare {folder}"],
        downloads=[
            ("cells.csv", labels["runs_csv"], link_csv(COLUMNS, [[cell[name] for name in COLUMNS] for cell in cells])),
            ("seeds.json", labels["all_json"], link_json([{name: cell[name] for name in COLUMNS} for cell in cells])),
        ],
        settings={name: plain(value) for name, value in recorded.items() if name not in ("class_names", "command")},
    )


def describe_result(result: dict[str, Any], pick: int, reached: dict[int, float]) -> dict[str, Any]:
    """Return what the page shows of one cell."""
    searched, genotype = result["kind"] == "searched", result["genotype"]
    try:
        drawn = read_cells(genotype)
    except (TypeError, ValueError):
        drawn = []
    return {
        **{name: result[name] for name in ("kind", "seed", "accuracy", "parameters")},
        "genotype": str(genotype),
        "choices": list_choices(genotype),
        "pictures": [(cell.name, write_cell(cell)) for cell in drawn] if searched else [],
        "skips": count_skips(genotype)[0],
        "validation": reached.get(result["seed"]) if searched else None,
        "picked": searched and result["seed"] == pick,
        "size": spell_count(result["parameters"]),
    }


def list_choices(genotype: Any) -> set[tuple[Any, ...]]:
    """Return `(cell, operation, source, target)` of every edge that a genotype keeps; none of one of another kind."""
    try:
        return {(cell.name, *edge) for cell in read_cells(genotype) for edge in cell.edges}
    except (TypeError, ValueError):
        return set()


def count_shared(choices: list[set[tuple[Any, ...]]]) -> float:
    """Return how many choices two of several cells have in common, as a mean over all pairs."""
    return statistics.fmean(len(first & second) for first, second in itertools.combinations(choices, 2))


def tabulate_agreement(searched: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return for each search how many choices each of the others shares with it."""
    return [
        {
            "seed": first["seed"],
            "cells": [
                {"count": shared, "share": shared / max(len(first["choices"]), len(second["choices"]), 1)}
                for second in searched
                for shared in [len(first["choices"] & second["choices"])]
            ],
        }
        for first in searched
    ]


def summarise(kind: str, cells: list[dict[str, Any]], labels: dict[str, str]) -> dict[str, Any]:
    """Return mean and deviation of the cells of one kind, searched or random."""
    own = [cell for cell in cells if cell["kind"] == kind]
    reached = [cell["validation"] for cell in own if cell["validation"] is not None]
    return {
        "name": labels[kind],
        "count": len(own),
        "accuracy": spell_mean(cell["accuracy"] for cell in own),
        "parameters": spell_count(round(statistics.fmean(cell["parameters"] for cell in own))),
        "skips": f"{statistics.fmean(cell['skips'] for cell in own):.1f}",
        "validation": spell_mean(reached) if reached else "-",
    }


def conclude_seeds(
    cells: list[dict[str, Any]], recorded: dict[str, Any], draw: Any, labels: dict[str, str]
) -> list[Remark]:
    """Return which cell was picked, how far the searches agree beside chance, and what the search was worth."""
    searched, random = ([cell for cell in cells if cell["kind"] == kind] for kind in ("searched", "random"))
    own, other = ([cell["accuracy"] for cell in of_kind] for of_kind in (searched, random))
    words = {"seed": recorded["pick"], "accuracy": f"{max(own):.2%}", "epochs": recorded["brief_epochs"]}
    found = [Remark("plain", labels["picked"].format(mean=spell_mean(own), count=len(own), **words))]
    choices = [cell["choices"] for cell in searched]
    if len(searched) > 1 and all(choices):
        shared = count_shared(choices)
        chance = count_shared([list_choices(draw(seed)) for seed in range(DRAWN)])
        text = labels["agreement"].format(shared=f"{shared:.1f}", total=max(map(len, choices)), chance=f"{chance:.1f}")
        found.append(Remark("plain" if shared > chance else "warn", text))
    if not random:
        return found
    difference, p = statistics.fmean(own) - statistics.fmean(other), compare_means(own, other)
    rest = {"difference": f"{100 * difference:+.2f}", "mean": spell_mean(other), "count": len(other)}
    if p is None:
        return [*found, Remark("warn", labels["searched_too_few"].format(**rest))]
    good = p < 0.05 and difference > 0
    return [*found, Remark("good" if good else "warn", labels["searched_by_chance"].format(p=f"{p:.2g}", **rest))]
