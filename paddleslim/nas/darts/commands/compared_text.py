"""Runs and groups of `compare` as text and as JSON."""

from __future__ import annotations

import os
from typing import Any

from .compared_runs import COLUMNS, MEASURES, Group

__all__ = ["describe", "name_groups", "share_folder", "spell", "spell_summary"]


def name_groups(groups: list[Group]) -> dict[int, str]:
    """Return the name of the group of each run, by the identity of its row."""
    return {id(run): group.name for group in groups for run in group.runs}


def describe(groups: list[Group], rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Return runs and groups in types that JSON has."""
    names = name_groups(groups)
    return {
        "runs": [{**{c: row[c] for c in COLUMNS if c != "group"}, "group": names[id(row)]} for row in rows],
        "groups": [
            {"group": group.name, "runs": [run["run"] for run in group.runs]}
            | {measure: group.summarise(measure) for measure in MEASURES}
            for group in groups
        ],
    }


def spell_summary(measure: str, summary: dict[str, Any] | None) -> str:
    """Return mean and deviation in few characters."""
    if summary is None:
        return "-"
    mean, deviation = summary["mean"], summary["std"]
    if measure in ("validation", "test"):
        return f"{mean:.2%}" if deviation is None else f"{mean * 100:.2f} ± {deviation:.2%}"
    digits = 1 if measure == "skips" else 0
    return f"{mean:,.{digits}f}" + ("" if deviation is None else f" ± {deviation:,.{digits}f}")


def spell(column: str, value: Any) -> str:
    """Return one value of a run."""
    if value is None:
        return "-"
    if column in ("validation", "test"):
        return f"{value:.2%}"
    return f"{value:,}" if column == "parameters" else str(value)


def share_folder(paths: list[str]) -> str:
    """Return the folder that all of several paths are in, '' where there is none worth a word."""
    if len(paths) < 2:
        return ""
    try:
        return os.path.commonpath([os.path.dirname(path) for path in paths])
    except ValueError:  # relative and absolute ones
        return ""
