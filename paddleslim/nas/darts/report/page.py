"""A recording as one HTML page that needs nothing else."""

from __future__ import annotations

import json
from typing import Any

from ....common.types import FilePath
from ..state.atomic_file import write_text_atomically
from .charts import write_ribbon
from .conclusion import conclude
from .curves import draw_curves, find_measure
from .downloads import link_csv, link_json
from .drawing import choose_colour, write_cell
from .edges import Edge, collect_cells, find_limits, list_edges
from .labels import LABELS, find_language
from .panels import spell_strengths, write_large_panel, write_panel
from .recording import EpochRecord, Recording
from .recording_file import describe_recording
from .rendering import choose_commands, render_page, spell_count, spell_duration, spell_state

__all__ = ["render_report", "write_report"]

SHOWN_CLASSES = 50


def write_report(path: FilePath, recording: Recording, language: str = "en") -> None:
    """Write a `Recording` as a page in English ('en') or Chinese ('zh_cn'); see `render_report`."""
    write_text_atomically(path, render_report(recording, language))


def render_report(recording: Recording, language: str = "en") -> str:
    """Return a `Recording` as the text of an HTML page, light or dark as the reader's system is.

    Raises:
        ImportError: jinja2 is not installed.
        ValueError: the language is neither 'en' nor 'zh_cn'.
    """
    language = find_language(language)
    labels, epochs, about = LABELS[language], recording.epochs, recording.about
    return render_page(
        "search.html",
        language,
        title=recording.title,
        state=spell_state(recording.state, labels),
        remarks=conclude(recording, labels),
        tiles=list_tiles(recording, labels),
        recording=recording,
        last=len(epochs) - 1,
        cells=collect_drawings(recording),
        tables={
            block: describe_edges(block, number, recording, labels) for number, block in enumerate(recording.operations)
        },
        limits=find_limits(recording),
        legend=[(name, choose_colour(name)) for name in list_operations(recording)],
        kept=list_kept(recording),
        curves=draw_curves(recording, labels),
        readouts=json.dumps([[record.epoch, read_out(record, labels)] for record in epochs]).replace("<", "\\u003c"),
        genotype=str(epochs[-1].genotype),
        commands=choose_commands(recording.state, [about["next"]] if "next" in about else [], about.get("resume")),
        classes=about.get("classes"),
        shown_classes=SHOWN_CLASSES,
        downloads=list_downloads(recording, labels),
        settings=recording.settings,
        versions=recording.versions,
    )


def collect_drawings(recording: Recording) -> dict[str, list[tuple[str, list[int]]]]:
    """Return for each cell its distinct pictures, as `(svg, numbers of the records that show it)`."""
    pictures: dict[str, dict[str, list[int]]] = {}
    for number, cells in enumerate(collect_cells(recording)):
        for name, cell in cells.items():
            pictures.setdefault(name, {}).setdefault(write_cell(cell), []).append(number)
    return {name: list(shown.items()) for name, shown in pictures.items()}


def describe_edges(block: str, number: int, recording: Recording, labels: dict[str, str]) -> dict[str, Any]:
    """Return what the page shows of the edges of one block of alphas, and where each is placed in a triangle.

    Args:
        block: the name of the alphas.
        number: their number, of which identifiers are made.
        recording: a `Recording`.
        labels: the words of the page.
    """
    limits, epochs = find_limits(recording), [record.epoch for record in recording.epochs]
    edges = list_edges(block, recording)
    first = min((edge.target for edge in edges if edge.labels), default=0)
    shown = []
    for place, edge in enumerate(edges):
        kept, name = edge.kept[-1], f"{number}-{place}"
        shown.append(
            {
                "id": name,
                "previous": f"{number}-{(place - 1) % len(edges)}",
                "following": f"{number}-{(place + 1) % len(edges)}",
                "labels": edge.labels,
                "row": edge.target - first + 2 if edge.labels else place // 4 + 2,
                "column": edge.source + 2 if edge.labels else place % 4 + 2,
                "ribbon": write_ribbon(edge.kept),
                "panel": write_panel(edge.rows, edge.operations, limits, kept, name),
                "large": write_large_panel(edge.rows, edge.operations, limits, epochs, name, labels),
                "strengths": list_values(edge),
                "colour": choose_colour(kept) if kept else None,
                "title": spell_strengths(edge.rows[-1], edge.operations),
            }
        )
    columns = max(edge["column"] for edge in shown) - 1
    return {"edges": shown, "columns": columns, "placed": all(edge.labels for edge in edges)}


def list_values(edge: Edge) -> list[dict[str, Any]]:
    """Return the last strengths of an edge for its legend, the strongest first."""
    strongest = sorted(zip(edge.rows[-1], edge.operations), reverse=True)
    return [
        {"name": name, "strength": strength, "colour": choose_colour(name), "chosen": name == edge.kept[-1]}
        for strength, name in strongest
    ]


def list_operations(recording: Recording) -> list[str]:
    """Return the names of all operations, in the order of the space."""
    return list(dict.fromkeys(name for edges in recording.operations.values() for names in edges for name in names))


def list_kept(recording: Recording) -> set[str]:
    """Return the names of all operations that a genotype kept at any time."""
    return {edge[0] for cells in collect_cells(recording) for cell in cells.values() for edge in cell.edges}


def list_tiles(recording: Recording, labels: dict[str, str]) -> list[tuple[str, str]]:
    """Return the figures at the top, as `(value, what it is)`."""
    last, network = recording.epochs[-1], recording.about.get("network", {})
    tiles = list_measures(last.figures, labels)
    tiles.append((f"{last.epoch} {labels['of']} {recording.num_epochs}", labels["epochs"]))
    if last.seconds:
        tiles.append((spell_duration(last.seconds), labels["duration"]))
    return tiles + [(spell_count(network[n]), labels.get(n, n)) for n in network]


def list_downloads(recording: Recording, labels: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return the files that the page carries, as `(name, what it is, data URI)`."""
    names = list(dict.fromkeys(name for record in recording.epochs for name in record.figures))
    rows = [
        [record.epoch, record.seconds, *(record.figures.get(name) for name in names), str(record.genotype)]
        for record in recording.epochs
    ]
    return [
        ("history.csv", labels["history_csv"], link_csv(["epoch", "seconds", *names, "genotype"], rows)),
        ("recording.json", labels["all_json"], link_json(describe_recording(recording))),
    ]


def read_out(record: EpochRecord, labels: dict[str, str]) -> str:
    """Return one line about an epoch, shown beside the slider."""
    return " · ".join(f"{what} {value}" for value, what in list_measures(record.figures, labels))


def list_measures(figures: dict[str, int | float], labels: dict[str, str]) -> list[tuple[str, str]]:
    """Return what the supernet reached in an epoch, on validation and on training data, as `(value, what it is)`."""
    found = []
    for phase in ("valid", "train"):
        name, accuracy = find_measure(figures, phase), f"{phase}_accuracy"
        if name is not None and name != accuracy:
            metric = name.partition("/")[2]
            what = f"{labels[accuracy]} {metric}" if metric else labels[f"last_{phase}_loss"]
            found.append((f"{figures[name]:.5g}", what))
        if accuracy in figures:
            found.append((f"{figures[accuracy]:.1%}", labels[f"last_{accuracy}"]))
    return found
