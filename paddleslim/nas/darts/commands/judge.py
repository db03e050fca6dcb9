"""`judge`: what the searches of a method are worth, by the tabular benchmark."""

from __future__ import annotations

import pathlib

import click
import rich.box
import rich.table

from ..state.atomic_file import clear_unfinished
from ..state.run_lock import reserved
from ..state.sealed_json import write_object
from ..strategy.names import METHOD_NAMES
from .completion import METHOD
from .options import COUNT, POSITIVE, RATE, worker_options
from .output import output_options
from .presets import COMMAND_DEFAULTS, SEARCH_PRESETS
from .resume import hint_at
from .run_folder import spare_runs
from .typed import suggest_path

__all__ = ["judge", "settings_of"]

# What a search of `judge` takes from the preset of its method; steps and batches are the same for all.
TAKEN = ("learning_rate", "weight_decay", "arch_learning_rate", "arch_betas")
CHANGED = ("arch_learning_rate", "epochs_no_archopt", "budget")
COLUMNS = {
    "accuracy": "accuracy",
    "percentile": "percentile",
    "percentile_same_size": "same size",
    "regret": "regret",
    "worth": "worth",
    "tau": "tau",
    "skips": "skips",
    "seconds": "s",
}


def settings_of(method, source="paper", **changes):
    """Return the settings of a method's searches, see `search_all`.

    Args:
        method: its name.
        source: "paper" for those of its preset, DARTS's on NAS-Bench-201 where it has none for such a space; "search"
            for what the command `search` takes without options.
        changes: names in `CHANGED` with what takes the place of these, or None.
    """
    on_space = {"darts": "nas-bench-201", "darts-2nd": "nas-bench-201", "gumbel": "gdas"}
    preset = COMMAND_DEFAULTS if source == "search" else SEARCH_PRESETS[on_space.get(method, method)]
    settings = {name: preset[name] for name in TAKEN if name in preset}
    return {**settings, **{name: changes[name] for name in CHANGED if changes.get(name) is not None}}


@click.command()
@click.option(
    "--method",
    "methods",
    type=METHOD,
    multiple=True,
    required=True,
    metavar="NAME",
    help=f"Search method, may be given several times: {', '.join(METHOD_NAMES)}.",
)
@click.option(
    "--seeds", type=POSITIVE, default=20, help="Number of searches with each method, with the seeds from --seed on."
)
@click.option("--seed", type=COUNT, default=0, help="The first seed.")
@click.option("--epochs", type=POSITIVE, default=15, help="Epochs of each search.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=pathlib.Path),
    default="runs/judge",
    help="Folder of the searches; what it holds already is not searched again.",
)
@click.option(
    "--data-dir",
    type=click.Path(exists=True, file_okay=False, path_type=pathlib.Path),
    help="Folder that holds the files of Fashion-MNIST as published.  [default: Paddle downloads them]",
)
@click.option(
    "--budget",
    type=POSITIVE,
    help="Parameters that a cell's network may have: those above it become part of the alphas' loss, and cells are "
    "compared with those within it.  [default: no budget]",
)
@click.option(
    "--settings",
    "source",
    type=click.Choice(["paper", "search"]),
    default="paper",
    help="Rates and decays: those of each method's paper, or those that `search` takes without options.",
)
@click.option(
    "--arch-learning-rate",
    type=RATE,
    help="Learning rate of the alphas, for all methods.  [default: that of --settings]",
)
@click.option("--epochs-no-archopt", type=COUNT, help="Epochs at the start that train the weights alone.  [default: 0]")
@click.option(
    "--no-search",
    is_flag=True,
    help="Judge the seeds that all methods have completed in --folder, also those of other versions, and search none.",
)
@worker_options
@click.option(
    "--plot",
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    help="Picture: .png, .svg or .pdf.  [default: judge.png in --folder]",
)
@output_options
def judge(methods, seeds, seed, epochs, folder, data_dir, source, no_search, workers, scheduler, plot, out, **changes):
    """Judge search methods by the tabular benchmark of a small space.

    Each search runs in one thread and in a folder of its own, all methods with one seed before the next. It may be
    stopped at any time; the same command resumes what is not complete. The raw results are written to judge.json in
    --folder.
    """
    plot = plot or folder / "judge.png"
    if plot.suffix not in (".png", ".svg", ".pdf"):
        raise click.BadParameter(f"{plot} should end in .png, .svg or .pdf", param_hint="--plot")
    spare_runs(plot=plot)
    from ..distributed.executor import choose_executor
    from ..truth import load_table
    from ..truth.protocol import PROTOCOL
    from ..truth.searches import search_all
    from ..truth.verdict import draw_verdict, judge_searches

    table, budget = load_table(), changes["budget"]
    if budget is not None:
        table.within(budget)
    chosen = {method: settings_of(method, source, **changes) for method in dict.fromkeys(methods)}
    wanted = range(seed, seed + seeds)
    if no_search and not folder.is_dir():
        raise click.UsageError(f"--folder {folder} is not there; name the folder of searches.{suggest_path(folder)}")
    if no_search:
        results, chosen, epochs = read_searches(folder, chosen, wanted, out.say)
    else:
        data_dir = None if data_dir is None else data_dir.resolve()
        with hint_at("give the same command again"), choose_executor(workers, scheduler) as executor:
            results = search_all(folder, executor, chosen, wanted, epochs, data_dir, PROTOCOL, out.say)
    verdict = judge_searches(table, results, budget)
    with reserved(folder):  # others may search and judge other seeds in it
        clear_unfinished(folder, ("judge.json", "judge.png"))
        write_object(folder / "judge.json", {"epochs": epochs, "settings": chosen, **verdict})
    plot.parent.mkdir(parents=True, exist_ok=True)
    draw_verdict(verdict, plot)
    print_verdict(verdict, out.console)
    out.say(f"Raw results: {folder / 'judge.json'}\nPicture: {plot}")
    out.finish(verdict)


def read_searches(folder, chosen, seeds, say):
    """Return results, settings and epochs of the searches in a folder that are complete for all methods."""
    from ..truth.study import gather, results_of

    study = gather(folder, chosen, seeds)
    if any(settings.get("budget") != chosen[method].get("budget") for method, settings in study["settings"].items()):
        raise ValueError(f"budget is not that of the searches in {folder}; give the one they were made with")
    say(f"{len(study['seeds'])} of {len(seeds)} seeds are complete")
    return results_of(study), study["settings"], study["epochs"]


def print_verdict(verdict, console):
    """Print a table of the methods and the rules."""
    seeds = len(next(iter(verdict["methods"].values()))["searches"])
    columns = dict(COLUMNS)
    if verdict["budget"] is not None:
        within = {"percentile": ("percentile_within", "within")}
        columns = dict(within.get(name, (name, text)) for name, text in COLUMNS.items())
    searches = "1 search" if seeds == 1 else f"{seeds} searches"
    table = rich.table.Table(box=rich.box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title=f"Means of {searches}")
    table.add_column("method", overflow="fold", no_wrap=False)
    for heading in columns.values():
        table.add_column(heading, justify="right", no_wrap=True)
    for name, found in verdict["methods"].items():
        cells = []
        for column in columns:
            lines = write_estimate(found["estimates"].get(column), column)
            if column in found["p_values"]:
                lines.append(f"p {found['p_values'][column]:.3f}")
            if column == "accuracy" and found["p_against_darts"] is not None:
                lines.append(f"p {found['p_against_darts']:.3f}")
            cells.append("\n".join(lines))
        failed = f"\n{found['failed']} failed" if found["failed"] else ""
        table.add_row(name + failed, *cells, end_section=True)
    for name, measures in verdict["rules"].items():
        table.add_row(name, *("\n".join(write_estimate([measures.get(c)], c)) for c in columns))
    console.print(table)
    console.print(
        "Under a mean the ends of its 95 % bootstrap interval; p against chance for percentiles, against darts for "
        f"the accuracy, corrected by Holm. Tau between two seeds of the table is {verdict['ceiling']:.3f}.",
        highlight=False,
    )


def write_estimate(estimate, column):
    """Return the lines that show an estimate `[mean, low, high]`, or a mean alone."""
    if estimate is None or estimate[0] is None:
        return ["-"]
    digits = {"accuracy": 4, "regret": 4, "worth": 1, "seconds": 0}.get(column, 2)
    mean, *interval = (f"{number:.{digits}f}" for number in estimate)
    return [mean, *interval]
