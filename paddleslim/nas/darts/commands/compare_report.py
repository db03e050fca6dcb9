"""The report of `compare`: groups, runs and their curves on one page."""

from __future__ import annotations

import json
import os
import pathlib
from typing import Any

from ..report.charts import write_lines
from ..report.conclusion import Remark
from ..report.downloads import link_csv, link_json
from ..report.labels import LABELS, find_language
from ..report.rendering import render_page
from ..state.atomic_file import write_text_atomically
from .compared_runs import COLUMNS, MEASURES, Group
from .compared_text import describe, name_groups, share_folder, spell, spell_summary

__all__ = ["render_comparison", "write_comparison"]

TEXTS = ("run", "command", "data", "space", "group")
OVERLAYS = {
    "evaluated_accuracy": ("valid_accuracy", True),
    "training_accuracy": ("train_accuracy", True),
    "training_loss": ("train_loss", False),
}
RESAMPLES = 9999  # of a permutation test whose permutations are too many to take them all


def write_comparison(path: pathlib.Path, groups: list[Group], rows: list[dict[str, Any]], language: str = "en") -> None:
    """Write the page of `render_comparison` to `path`."""
    write_text_atomically(path, render_comparison(groups, rows, language))


def render_comparison(groups: list[Group], rows: list[dict[str, Any]], language: str = "en") -> str:
    """Return a page with a table of the groups, the curves of all runs and a table of them.

    Args:
        groups: what `group_runs` returned.
        rows: the runs in the order of the table, what `read_run` returned.
        language: 'en' or 'zh_cn'.
    """
    labels = LABELS[find_language(language)]
    number_of = {id(run): number for number, group in enumerate(groups) for run in group.runs}
    measured = [measure for measure in MEASURES if any(group.values(measure) for group in groups)]
    columns = COLUMNS if len(groups) > 1 else COLUMNS[:-1]
    names, folder = name_groups(groups), share_folder([row["run"] for row in rows])
    values = [
        {**row, "run": os.path.relpath(row["run"], folder) if folder else row["run"], "group": names[id(row)]}
        for row in rows
    ]
    return render_page(
        "comparison.html",
        language,
        title=labels["comparison"],
        remarks=conclude_comparison(groups, rows, labels),
        measures=[name_column(measure, labels) for measure in measured],
        summaries=[
            {
                "name": group.name or labels["all_runs"],
                "count": len(group.runs),
                "cells": [spell_summary(measure, group.summarise(measure)) for measure in measured],
            }
            for group in groups
        ],
        overlays=draw_overlays(rows, number_of, labels),
        columns=[(name_column(column, labels), column not in TEXTS) for column in columns],
        group_column=COLUMNS.index("group"),
        rows=[
            {"group": number_of[id(row)], "cells": [(spell(c, value[c]), c not in TEXTS) for c in columns]}
            for row, value in zip(rows, values)
        ],
        downloads=[
            (
                "runs.csv",
                labels["runs_csv"],
                link_csv(
                    COLUMNS, [[{**value, "run": row["run"]}[c] for c in COLUMNS] for row, value in zip(rows, values)]
                ),
            ),
            ("comparison.json", labels["all_json"], link_json(describe_all(groups, rows))),
        ],
    )


def name_column(column: str, labels: dict[str, str]) -> str:
    """Return the heading of a column."""
    return labels["skips_column" if column == "skips" else column]


def describe_all(groups: list[Group], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return runs and groups as `compare --json` prints them, and the history of each run."""
    found = describe(groups, rows)
    for run, row in zip(found["runs"], rows):
        run["history"] = row["history"]
    return json.loads(json.dumps(found, default=str))


def draw_overlays(
    rows: list[dict[str, Any]], number_of: dict[int, int], labels: dict[str, str]
) -> list[tuple[str, str]]:
    """Return the charts in which all runs are, as `(title, svg)`; a line has the colour of its group."""
    colours = {row["run"]: number_of[id(row)] for row in rows}
    charts = []
    for title, (figure, percent) in OVERLAYS.items():
        series = {}
        for row in rows:
            points = [(epoch["epoch"] + 1, epoch.get(figure)) for epoch in row["history"]]
            series[row["run"]] = [(e, float(v)) for e, v in points if isinstance(v, (int, float))]
        last = max((e for points in series.values() for e, _ in points), default=0)
        svg = write_lines({name: points for name, points in series.items() if points}, last, percent, colours)
        if svg:
            charts.append((labels[title], svg))
    return charts


def conclude_comparison(groups: list[Group], rows: list[dict[str, Any]], labels: dict[str, str]) -> list[Remark]:
    """Return which group has the best mean accuracy, and whether its distance from the second may be chance."""
    if len(groups) < 2:
        return []
    found = [Remark("plain", labels["compared"].format(runs=len(rows), groups=len(groups)))]
    measure = "test" if any(group.values("test") for group in groups) else "validation"
    having = [(summary["mean"], group) for group in groups if (summary := group.summarise(measure)) is not None]
    if len(having) < 2:
        return found
    (best_mean, best), (second_mean, second) = sorted(having, key=lambda pair: -pair[0])[:2]
    words = {"group": best.name, "measure": name_column(measure, labels), "count": len(best.values(measure))}
    reached = spell_summary(measure, best.summarise(measure))
    found.append(Remark("plain", labels["best_group"].format(summary=reached, **words)))
    p = compare_means(best.values(measure), second.values(measure))
    rest = {"second": second.name, "difference": f"{100 * (best_mean - second_mean):.2f}"}
    if p is None:
        return [*found, Remark("warn", labels["too_few"].format(**rest))]
    return [*found, Remark("good" if p < 0.05 else "warn", labels["by_chance"].format(p=f"{p:.2g}", **rest))]


def compare_means(first: list[float], second: list[float]) -> float | None:
    """Return the two-sided p value of the permutation test of equal means; None where a group has one value."""
    if min(len(first), len(second)) < 2:
        return None
    from scipy.stats import permutation_test

    def distance(a: Any, b: Any, axis: int) -> Any:
        return a.mean(axis=axis) - b.mean(axis=axis)

    options = {"vectorized": True, "n_resamples": RESAMPLES, "random_state": 0}
    return float(permutation_test((first, second), distance, **options).pvalue)
