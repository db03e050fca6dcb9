"""`compare`: several runs in one table and one plot."""

from __future__ import annotations

import csv
import io
import json
import os
import pathlib
from typing import Any

import click

from ....common.csv_cells import as_cells
from ....common.visible import visible
from ..report.drawing.fonts import all_scripts
from .compared_runs import (
    COLUMNS,
    MEASURES,
    ORDERS,
    Group,
    expand,
    group_runs,
    read_run,
    sort_runs,
)
from .compared_text import describe, name_groups, share_folder, spell, spell_summary
from .completion import Run
from .language import language_option
from .output import Output, choose_format, output_options
from .run_folder import spare_runs

__all__ = ["compare", "plot_groups"]

HEADINGS = {"validation": "valid.", "parameters": "params"}


@click.command()
@click.argument("runs", nargs=-1, required=True, type=Run(["search", "retrain"]))
@click.option(
    "--by",
    multiple=True,
    metavar="SETTING",
    help="Group the runs by this setting, such as method; may be given several times.  [default: all settings that "
    "decide how a run ends, but for its seed]",
)
@click.option("--sort", type=click.Choice(list(ORDERS)), help="Order of the runs.  [default: as they are named]")
@click.option(
    "--format", "kind", type=click.Choice(["table", "csv", "json"]), default="table", help="How to write the result."
)
@click.option(
    "--output",
    "file",
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    help="Write CSV or JSON to this file.  [default: the terminal]",
)
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    default="compare.png",
    help="Write a picture of the accuracies over the epochs to this file: .png, .svg or .pdf.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    help="Write a page with groups, runs and curves to this .html file too.",
)
@language_option("Language of the report.")
@output_options
def compare(
    runs: tuple[pathlib.Path, ...],
    by: tuple[str, ...],
    sort: str | None,
    kind: str,
    file: pathlib.Path | None,
    plot: pathlib.Path,
    report: pathlib.Path | None,
    language: str,
    out: Output,
) -> None:
    """Put several runs into one table and one plot.

    RUNS are folders of `search` and `retrain`. Searches have the validation accuracy of their supernet, retrainings
    the test accuracy of their network. Skips are the skip connections in the normal cell: many of them are the sign of
    a collapsed search. Runs that differ in nothing but their seed are a group, shown with mean and standard deviation.
    """
    if plot.suffix not in (".png", ".svg", ".pdf"):
        raise click.BadParameter(f"{plot} should end in .png, .svg or .pdf", param_hint="--plot")
    if report is not None and report.suffix.lower() not in (".html", ".htm"):
        raise click.BadParameter(f"{report} should end in .html", param_hint="--report")
    kind = choose_format(kind, out)
    if file is not None and kind == "table":
        raise click.UsageError("--output writes --format csv or json")
    spare_runs(output=file, plot=plot, report=report)
    # A folder that is named twice, as by two patterns, is one run.
    folders = {run.resolve(): run for named in runs for run in expand(named)}
    rows = sort_runs([read_run(run) for run in folders.values()], sort)
    groups = group_runs(rows, by)
    plot.parent.mkdir(parents=True, exist_ok=True)
    with all_scripts():
        plot_groups(groups, plot)
    if report is not None:
        from .compare_report import write_comparison

        write_comparison(report, groups, rows, language)
    if kind == "table":
        print_tables(groups, rows, out)
        out.say(f"Accuracy over the epochs: {plot}")
        if report is not None:
            out.say(f"The page with all of it: {report}")
        return
    text = (
        write_csv(groups, rows) if kind == "csv" else json.dumps(describe(groups, rows), indent=2, ensure_ascii=False)
    )
    if file is None:
        click.echo(text.rstrip("\n"))
    else:
        from ..state.atomic_file import write_text_atomically

        write_text_atomically(file, text.rstrip("\n") + "\n")
        out.say(f"{len(rows)} {'run is' if len(rows) == 1 else 'runs are'} in {file}.")


def write_csv(groups: list[Group], rows: list[dict[str, Any]]) -> str:
    """Return the runs as a table of values separated by commas."""
    text, names = io.StringIO(), name_groups(groups)
    writer = csv.DictWriter(text, COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(as_cells({**row, "group": names[id(row)]}) for row in rows)
    return text.getvalue()


def print_tables(groups: list[Group], rows: list[dict[str, Any]], out: Output) -> None:
    """Print a table of the runs, and one of the groups where one has several runs; what all share is above them."""
    folder = share_folder([row["run"] for row in rows])
    shared = {name: rows[0][name] for name in ("data", "space") if len({row[name] for row in rows}) == 1}
    common = [f"{name} {value}" for name, value in shared.items()] + ([f"in {folder}"] if folder else [])
    out.say(
        f"{len(rows)} {'run' if len(rows) == 1 else 'runs'}: {', '.join(common)}" if common else f"{len(rows)} runs"
    )
    table = begin_table()
    texts = ["run", *(name for name in ("data", "space") if name not in shared)]
    for heading in texts:
        table.add_column(heading, overflow="fold")
    numbers = ("seed", "epochs", *MEASURES)
    for heading in numbers:
        table.add_column(HEADINGS.get(heading, heading), justify="right", no_wrap=True)
    for row in rows:
        named = [os.path.relpath(row["run"], folder) if folder else row["run"], *(row[name] for name in texts[1:])]
        table.add_row(*(escape(text) for text in named), *(spell(column, row[column]) for column in numbers))
    out.console.print(table)
    if any(len(group.runs) > 1 for group in groups):
        out.console.print(tabulate_groups(groups))


def begin_table(**options: Any) -> Any:
    import rich.box
    from rich.table import Table

    return Table(box=rich.box.SIMPLE_HEAD, padding=(0, 1, 0, 0), **options)


def escape(text: str) -> str:
    """Return a text that rich prints as it is."""
    from rich.markup import escape

    return escape(text)


def tabulate_groups(groups: list[Group]) -> Any:
    """Return the table of mean and standard deviation of each group."""
    table = begin_table(title="Mean ± standard deviation", title_justify="left")
    table.add_column("group", overflow="fold")
    table.add_column("runs", justify="right", no_wrap=True)
    measured = [measure for measure in MEASURES if any(group.values(measure) for group in groups)]
    for measure in measured:
        table.add_column(HEADINGS.get(measure, measure), justify="right", no_wrap=True)
    for group in groups:
        cells = [spell_summary(measure, group.summarise(measure)) for measure in measured]
        table.add_row(escape(group.name) or "all", str(len(group.runs)), *cells)
    return table


def plot_groups(groups: list[Group], path: pathlib.Path) -> None:
    """Draw the accuracies of runs over their epochs to `path`: training dashed, validation or test solid.

    A group has a colour, and each of its runs a line.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figure = Figure(figsize=(8, 4.5), dpi=110, layout="constrained")
    axes = figure.subplots()
    several = any(len(group.runs) > 1 for group in groups)
    lines = [(number, group, run) for number, group in enumerate(groups) for run in group.runs]
    for number, group, run in lines:
        colour, first = f"C{number % 10}", run is group.runs[0]
        trained = [e for e in run["history"] if e["train_accuracy"] is not None]
        axes.plot(*points(trained, "train_accuracy"), "--", color=colour, alpha=0.5)
        seen = [e for e in run["history"] if e["valid_accuracy"] is not None]
        what = "validation" if run["command"] == "search" else "test"
        name = f"{group.name or 'all'}, {len(group.runs)} runs" if several else run["run"]
        # matplotlib leaves out what begins with an underscore
        label = visible(f"{'./' * name.startswith('_')}{name} ({what})") if first else None
        axes.plot(*points(seen, "valid_accuracy"), "o-", color=colour, markersize=3, label=label)
    axes.set(xlabel="epoch", ylabel="accuracy", title="Solid: validation or test, dashed: training")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.grid(alpha=0.3)
    for entry in axes.legend(fontsize=8).get_texts():
        entry.set_parse_math(False)
    figure.savefig(path)


def points(epochs: list[dict[str, Any]], name: str) -> tuple[list[int], list[float]]:
    """Return the epochs, counted from 1, and a figure of each."""
    return [e["epoch"] + 1 for e in epochs], [e[name] for e in epochs]
