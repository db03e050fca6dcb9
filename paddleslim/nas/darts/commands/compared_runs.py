"""Runs side by side: what each came to, and mean and standard deviation of those that differ in nothing but luck."""

from __future__ import annotations

import pathlib
import statistics
from typing import Any

from ....common.did_you_mean import did_you_mean
from ..state.schema import NUMBER
from ..state.sealed_json import read_object
from ..strategy.stopping import count_skips
from .lookup import find_genotype

__all__ = [
    "COLUMNS",
    "MEASURES",
    "ORDERS",
    "Group",
    "expand",
    "group_runs",
    "read_run",
    "sort_runs",
]

SETTINGS = {"command": str, "data": str, "space": str, "seed": int}
MAYBE = (*NUMBER, type(None))
HISTORY = {"epochs": [{"epoch": int, "train_accuracy": MAYBE, "valid_accuracy": MAYBE}]}
RESULT = {"test_accuracy": NUMBER, "parameters": int}
MEASURES = ("validation", "test", "parameters", "skips")
COLUMNS = ("run", "command", "data", "space", "seed", "epochs", *MEASURES, "group")
# The columns that runs can be ordered by; True where the largest comes first.
ORDERS = {"run": False, "seed": False, "epochs": False, **{m: m in ("validation", "test") for m in MEASURES}}
# Settings that decide nothing: runs that differ in them alone are of one group.
IGNORED = {
    *("seed", "seeds", "save_dir", "device", "log_freq", "valid_freq", "multiprocess", "data_parallel", "data_dir"),
    *("checkpoint_steps", "checkpoint_minutes", "keep_checkpoints", "skip_nonfinite", "deterministic", "recompute"),
    *("visualdl", "tensorboard", "language", "paddle", "random_cells", "brief_epochs", "skip_damaged", "genotype_seed"),
    *("class_names", "image_shape", "mean", "std", "preparation"),  # of the data set, which its name stands for
}


class Group:
    """Runs that differ in nothing but luck.

    Attributes:
        name: what distinguishes this group from the others, such as 'method=drnas'; '' where there is no other.
        runs: the rows that `read_run` returned.
    """

    def __init__(self, name: str, runs: list[dict[str, Any]]) -> None:
        self.name, self.runs = name, runs

    def values(self, measure: str) -> list[float]:
        """Return the values of a measure, of those runs that have one."""
        return [run[measure] for run in self.runs if run[measure] is not None]

    def summarise(self, measure: str) -> dict[str, Any] | None:
        """Return number, mean and standard deviation (of a sample, n - 1) of a measure; None where no run has one.

        One run has no deviation: None.
        """
        values = self.values(measure)
        if not values:
            return None
        deviation = statistics.stdev(values) if len(values) > 1 else None
        return {"runs": len(values), "mean": statistics.fmean(values), "std": deviation}


def expand(run: pathlib.Path) -> list[pathlib.Path]:
    """Return the folders of the searches in a folder of many seeds, or the folder itself."""
    if not (run / "seeds.json").is_file():
        return [run]
    first = {"cells": [{"kind": str, "seed": int}]}
    cells = read_object(run / "seeds.json", first)["cells"]
    return [run / f"seed-{cell['seed']}" for cell in cells if cell["kind"] == "searched"]


def read_run(run: pathlib.Path) -> dict[str, Any]:
    """Return what a run came to, by name; what it does not have is None.

    Raises:
        OSError: the folder is of no finished run.
        ValueError: a file in it is damaged.
    """
    for name in ("settings.json", "history.json"):
        if not (run / name).is_file():
            raise FileNotFoundError(f"{run} holds no {name}; name the folder of a finished search or retraining")
    settings = read_object(run / "settings.json", SETTINGS)
    history = read_object(run / "history.json", HISTORY)["epochs"]
    result = read_object(run / "result.json", RESULT) if (run / "result.json").is_file() else {}
    if not history:
        raise ValueError(f"{run / 'history.json'} holds no epoch")
    searched = settings["command"] == "search"
    return {
        "run": str(run),
        "command": settings["command"],
        "data": pathlib.Path(settings["data"]).name,
        "space": pathlib.Path(settings["space"]).name,
        "seed": settings["seed"],
        "epochs": len(history),
        # in retraining there are no validation images, the curve is that of the test
        "validation": history[-1]["valid_accuracy"] if searched else None,
        "test": result.get("test_accuracy"),
        "parameters": result.get("parameters"),
        "skips": count_skips(find_genotype(str(run)))[0],
        "settings": flatten(settings),
        "history": history,
    }


def flatten(settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings in one level, without the seal of the file: `searched.method` is the method of the search."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{key}": inner for key, inner in flatten(value).items()})
        else:
            flat[name] = value
    return flat


def sort_runs(runs: list[dict[str, Any]], column: str | None) -> list[dict[str, Any]]:
    """Return the runs ordered by one of `ORDERS`, the best first; those without a value come last."""
    if column is None:
        return list(runs)
    having = [run for run in runs if run[column] is not None]
    lacking = [run for run in runs if run[column] is None]
    return sorted(having, key=lambda run: run[column], reverse=ORDERS[column]) + lacking


def group_runs(runs: list[dict[str, Any]], by: tuple[str, ...] = ()) -> list[Group]:
    """Return the runs in groups, in the order of their first runs.

    Args:
        runs: what `read_run` returned.
        by: names of settings that make the groups; () for all that decide how a run ends, its seed left out.

    Raises:
        ValueError: no run has a setting of such a name.
    """
    known = {name for run in runs for name in run["settings"]}
    names = [name.replace("-", "_") for name in by]
    for name in names:
        if name not in known:
            raise ValueError(f"by {name!r} is no setting of these runs.{did_you_mean(name, sorted(known))}")
    names = names or sorted(name for name in known if name.rpartition(".")[2] not in IGNORED)
    grouped: dict[str, list[dict[str, Any]]] = {}
    for run in runs:
        grouped.setdefault(repr([run["settings"].get(name) for name in names]), []).append(run)
    firsts = [members[0]["settings"] for members in grouped.values()]
    return [
        Group(", ".join(spell(name, first.get(name)) for name in list_differing(first, firsts, names, by)), members)
        for first, members in zip(firsts, grouped.values())
    ]


def list_differing(
    own: dict[str, Any], firsts: list[dict[str, Any]], names: tuple[str, ...] | list[str], by: tuple[str, ...]
) -> list[str]:
    """Return the settings that name the group of `own`: those of `by`, or in which groups of its command differ.

    A search and a retraining have few settings in common, and differ by their command. Nor has a retraining of a
    published cell the settings of a search: what distinguishes it from that of a search is its origin, so a setting
    that some have not counts only where the others do not suffice.
    """
    if by:
        return list(names)
    alike = [first for first in firsts if first["command"] == own["command"]]
    differing = [name for name in names if len({repr(first[name]) for first in alike if name in first}) > 1]
    if len({repr([first.get(name) for name in differing]) for first in alike}) < len(alike):
        differing = [name for name in names if len({repr(first.get(name)) for first in alike}) > 1]
    command = ["command"] if len(alike) < len(firsts) else []
    return command + [name for name in differing if own.get(name) is not None]


def spell(name: str, value: Any) -> str:
    """Return a setting as a reader of the options would write it."""
    short = pathlib.Path(value).name if name in ("data", "space") and isinstance(value, str) else value
    return f"{name.replace('_', '-')}={'-' if short is None else short}"
