"""A recording as one HTML page that needs nothing else."""

from __future__ import annotations

import json
import pathlib
from typing import Any

from ....common.types import FilePath
from ....extras import require
from ..state.atomic_file import write_atomically
from .charts import write_panel, write_ribbon
from .curves import draw_curves
from .drawing import choose_colour, write_cell
from .edges import collect_cells, find_limits, list_edges
from .labels import LABELS
from .recording import EpochRecord, Recording

__all__ = ["render_report", "write_report"]

ACCURACIES = ("valid_accuracy", "train_accuracy")


def write_report(path: FilePath, recording: Recording, language: str = "en") -> None:
    """Write a `Recording` as a page in English ('en') or Chinese ('zh'); see `render_report`."""
    write_atomically(path, render_report(recording, language).encode())


def render_report(recording: Recording, language: str = "en") -> str:
    """Return a `Recording` as the text of an HTML page, light or dark as the reader's system is.

    Raises:
        ImportError: jinja2 is not installed.
        ValueError: the language is neither 'en' nor 'zh'.
    """
    if language not in LABELS:
        raise ValueError(f"language must be one of {', '.join(LABELS)}, got {language!r}")
    require("jinja2", extra="cli", user="a report")
    import jinja2

    text = pathlib.Path(__file__).with_name("report.html").read_text(encoding="utf-8")
    template = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(text)
    labels, epochs = LABELS[language], recording.epochs
    return template.render(
        t=labels,
        recording=recording,
        last=len(epochs) - 1,
        state=labels.get(recording.state) or f"{labels['stopped']} {recording.state}",
        tiles=list_tiles(recording, labels),
        cells=collect_drawings(recording),
        tables={block: describe_edges(block, recording) for block in recording.operations},
        limits=find_limits(recording),
        legend=[(name, choose_colour(name)) for name in list_operations(recording)],
        kept=list_kept(recording),
        curves=draw_curves(recording, labels),
        readouts=json.dumps([[record.epoch, read_out(record, labels)] for record in epochs]).replace("<", "\\u003c"),
        genotype=str(epochs[-1].genotype),
    )


def collect_drawings(recording: Recording) -> dict[str, list[tuple[str, list[int]]]]:
    """Return for each cell its distinct pictures, as `(svg, numbers of the records that show it)`."""
    pictures: dict[str, dict[str, list[int]]] = {}
    for number, cells in enumerate(collect_cells(recording)):
        for name, cell in cells.items():
            pictures.setdefault(name, {}).setdefault(write_cell(cell), []).append(number)
    return {name: list(shown.items()) for name, shown in pictures.items()}


def describe_edges(block: str, recording: Recording) -> dict[str, Any]:
    """Return what the page shows of the edges of one block of alphas, and where each stands in a triangle."""
    limits = find_limits(recording)
    edges = list_edges(block, recording)
    first = min((edge.target for edge in edges if edge.labels), default=0)
    shown = []
    for number, edge in enumerate(edges):
        kept = edge.kept[-1]
        shown.append(
            {
                "labels": edge.labels,
                "row": edge.target - first + 2 if edge.labels else number // 4 + 2,
                "column": edge.source + 2 if edge.labels else number % 4 + 2,
                "ribbon": write_ribbon(edge.kept),
                "panel": write_panel(edge.rows, edge.operations, limits, kept),
                "colour": choose_colour(kept) if kept else None,
                "title": spell_strengths(edge),
            }
        )
    columns = max(edge["column"] for edge in shown) - 1
    return {"edges": shown, "columns": columns, "placed": all(edge.labels for edge in edges)}


def spell_strengths(edge: Any) -> str:
    """Return the last strengths of an edge in a line, the strongest first."""
    strongest = sorted(zip(edge.rows[-1], edge.operations), reverse=True)
    return ", ".join(f"{operation} {strength:.3f}" for strength, operation in strongest)


def list_operations(recording: Recording) -> list[str]:
    """Return the names of all operations, in the order of the space."""
    return list(dict.fromkeys(name for edges in recording.operations.values() for names in edges for name in names))


def list_kept(recording: Recording) -> set[str]:
    """Return the names of all operations that a genotype kept at any time."""
    return {edge[0] for cells in collect_cells(recording) for cell in cells.values() for edge in cell.edges}


def list_tiles(recording: Recording, labels: dict[str, str]) -> list[tuple[str, str]]:
    """Return what stands at the top, as `(value, what it is)`."""
    last = recording.epochs[-1]
    tiles = [(f"{last.figures[n]:.1%}", labels[f"last_{n}"]) for n in ACCURACIES if n in last.figures]
    tiles.append((f"{last.epoch} {labels['of']} {recording.num_epochs}", labels["epochs"]))
    if len(recording.epochs) > 1:
        others = [record.epoch for record in recording.epochs if str(record.genotype) != str(last.genotype)]
        since = others[-1] + 1 if others else recording.epochs[0].epoch
        # a genotype of the last epoch alone is no sign of rest, but of a search that ended too early
        tiles.append((str(since), labels["settled" if since < last.epoch else "unsettled"]))
    return tiles + [(spell_duration(last.seconds), labels["duration"])]


def read_out(record: EpochRecord, labels: dict[str, str]) -> str:
    """Return one line about an epoch, shown beside the slider."""
    return " · ".join(f"{labels[f'last_{n}']} {record.figures[n]:.1%}" for n in ACCURACIES if n in record.figures)


def spell_duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"
