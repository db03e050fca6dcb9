"""The edges of a recording: where each leads, what the genotypes kept there, how strong its operations were."""

from __future__ import annotations

from typing import Any, NamedTuple

from .drawing import Cell, name_state, read_cells

__all__ = ["Edge", "collect_cells", "find_cell", "find_limits", "list_edges"]


class Edge(NamedTuple):
    """One edge over all epochs.

    Attributes:
        operations: their names.
        source, target: states of the cell; both None where the cell is not known.
        labels: how the two states are labelled, `((base, index), (base, index))`; or None.
        kept: for each epoch the operation that the genotype keeps here, or None.
        rows: for each epoch the strengths of the operations, `[epochs][operations]`.
    """

    operations: list
    source: Any
    target: Any
    labels: Any
    kept: list
    rows: list


def collect_cells(recording):
    """Return for each epoch the cells of its genotype by name; none of a genotype that cannot be drawn."""
    collected: list[dict[str, Cell]] = []
    for record in recording.epochs:
        try:
            collected.append({cell.name: cell for cell in read_cells(record.genotype)})
        except ValueError:
            collected.append({})
    return collected


def find_cell(block, recording, cells):
    """Return the cell whose alphas are called `block`, or None; where there is one of both, names may differ."""
    if len(cells) == len(recording.operations) == 1:
        return next(iter(cells.values()))
    return cells.get(block)


def list_edges(block, recording):
    """Return the `Edge`s of the alphas called `block`."""
    cells = [find_cell(block, recording, of_epoch) for of_epoch in collect_cells(recording)]
    operations = recording.operations[block]
    places = place_edges(len(operations), cells[-1].inputs) if cells[-1] else None
    edges = []
    for number, names in enumerate(operations):
        rows = [record.strengths[block][number] for record in recording.epochs]
        if cells[-1] is None or places is None:
            edges.append(Edge(names, None, None, None, [None] * len(rows), rows))
            continue
        source, target = places[number]
        labels = name_state(cells[-1].inputs, source), name_state(cells[-1].inputs, target)
        edges.append(Edge(names, source, target, labels, [find_kept(cell, source, target) for cell in cells], rows))
    return edges


def place_edges(count, inputs):
    """Return `(source, target)` of the edges of a cell, by target; None if no cell has `count` of them."""
    places: list[tuple[int, int]] = []
    target = inputs
    while len(places) < count:
        places += [(source, target) for source in range(target)]
        target += 1
    return places if len(places) == count else None


def find_kept(cell, source, target):
    """Return the operation that a cell keeps from `source` to `target`, or None."""
    if cell is None:
        return None
    return next((operation for operation, start, end in cell.edges if (start, end) == (source, target)), None)


def find_limits(recording):
    """Return the least and the greatest strength of all, for one axis that all edges share."""
    values = [v for record in recording.epochs for rows in record.strengths.values() for row in rows for v in row]
    return min(values, default=0.0), max(values, default=1.0)
