"""`compare`: several runs in one table and one plot."""

from __future__ import annotations

import pathlib

import click
import rich.box
import rich.console
import rich.table

from ..state.schema import NUMBER
from ..state.sealed_json import read_object
from ..strategy.stopping import count_skips
from .lookup import find_genotype

__all__ = ["compare", "plot_runs", "read_run"]

SETTINGS = {"command": str, "data": str, "space": str, "seed": int}
MAYBE = (*NUMBER, type(None))
HISTORY = {"epochs": [{"epoch": int, "train_accuracy": NUMBER, "valid_accuracy": MAYBE}]}
RESULT = {"test_accuracy": NUMBER, "parameters": int}


@click.command()
@click.argument("runs", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=pathlib.Path))
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    default="compare.png",
    help="Picture of the accuracies over the epochs: .png, .svg or .pdf.",
)
def compare(runs, plot):
    """Put several runs into one table and one plot.

    RUNS are folders of `search` and `retrain`. Searches have the validation accuracy of their supernet, retrainings
    the test accuracy of their network; skips are the skip connections in the normal cell, many of which are the sign
    of a collapsed search.
    """
    if plot.suffix not in (".png", ".svg", ".pdf"):
        raise click.BadParameter(f"{plot} should end in .png, .svg or .pdf", param_hint="--plot")
    rows = [read_run(run) for named in runs for run in expand(named)]
    table = rich.table.Table(box=rich.box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for heading in ("run", "data", "space"):
        table.add_column(heading, overflow="fold")
    for heading in ("seed", "epochs", "valid.", "test", "parameters", "skips"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        accuracies = [percent(row["validation"]), percent(row["test"])]
        numbers = ["-" if n is None else f"{n:,}" for n in (row["parameters"], row["skips"])]
        texts = [row["run"], row["data"], row["space"]]
        table.add_row(*texts, str(row["seed"]), str(row["epochs"]), *accuracies, *numbers)
    console = rich.console.Console()
    console.print(table)
    plot_runs(rows, plot)
    console.print(f"Accuracy over the epochs: {plot}", highlight=False, soft_wrap=True)


def expand(run):
    """Return the folders of the searches in a folder of many seeds, or the folder itself."""
    if not (run / "seeds.json").is_file():
        return [run]
    first = {"cells": [{"kind": str, "seed": int}]}
    cells = read_object(run / "seeds.json", first)["cells"]
    return [run / f"seed-{cell['seed']}" for cell in cells if cell["kind"] == "searched"]


def percent(share):
    return "-" if share is None else f"{share:.2%}"


def read_run(run):
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
    genotype = find_genotype(str(run))
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
        "skips": count_skips(genotype)[0],
        "history": history,
    }


def plot_runs(rows, path):
    """Draw the accuracies of runs over their epochs to `path`: training dashed, validation or test solid."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(8, 4.5), dpi=110, layout="constrained")
    axes = figure.subplots()
    for number, row in enumerate(rows):
        colour, history = f"C{number % 10}", row["history"]
        axes.plot(
            [e["epoch"] + 1 for e in history], [e["train_accuracy"] for e in history], "--", color=colour, alpha=0.5
        )
        seen = [e for e in history if e["valid_accuracy"] is not None]
        what = "validation" if row["command"] == "search" else "test"
        axes.plot(
            [e["epoch"] + 1 for e in seen],
            [e["valid_accuracy"] for e in seen],
            "o-",
            color=colour,
            markersize=3,
            label=f"{row['run']} ({what})",
        )
    axes.set(xlabel="epoch", ylabel="accuracy", title="Solid: validation or test, dashed: training")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.savefig(path)
