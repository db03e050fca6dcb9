"""The curves of a report: which figures go into which chart."""

from __future__ import annotations

import math

import numpy as np

from .charts import write_lines
from .edges import collect_cells

__all__ = ["count_skips", "draw_curves", "measure_entropy"]

TOGETHER = {
    "loss": ("train_loss", "valid_loss"),
    "accuracy": ("train_accuracy", "valid_accuracy"),
    "learning_rate": ("learning_rate",),
}


def draw_curves(recording, labels):
    """Return the charts of a recording as `(title, names of the lines, svg)`.

    Loss, accuracy and learning rate, the entropy of the alphas, the skip connections of the genotype, then every
    other figure that the search reported.
    """
    records = recording.epochs
    names = list(dict.fromkeys(name for record in records for name in record.figures))
    figures = {name: [(r.epoch, r.figures[name]) for r in records if name in r.figures] for name in names}
    wanted = []
    for title, group in TOGETHER.items():
        lines = {labels[name]: figures.pop(name) for name in group if name in figures}
        wanted.append((labels[title], lines, title == "accuracy"))
    blocks = {block: labels.get(block, block) for block in recording.operations}
    entropies = {label: [(r.epoch, measure_entropy(r.strengths[b])) for r in records] for b, label in blocks.items()}
    wanted.append((labels["entropy"], entropies, False))
    wanted.append((labels["skip_connections"], collect_skips(recording, labels), False))
    for name, points in figures.items():
        # These two are shown already, whoever else reports them; the number of steps is no news.
        if not name.startswith(("entropy", "skip", "steps")):
            words = name.replace("_", " ")
            wanted.append((words, {words: points}, False))
    last = records[-1].epoch
    curves = [(title, list(lines), write_lines(lines, last, percent)) for title, lines, percent in wanted if lines]
    return [curve for curve in curves if curve[2]]


def collect_skips(recording, labels):
    """Return for each cell the number of skip connections at each epoch."""
    points: dict[str, list] = {}
    for record, cells in zip(recording.epochs, collect_cells(recording)):
        for name, cell in cells.items():
            points.setdefault(labels.get(name, name), []).append((record.epoch, count_skips(cell)))
    return points


def count_skips(cell):
    """Return how many edges of a cell are skip connections."""
    return sum(operation == "skip_connect" for operation, _, _ in cell.edges)


def measure_entropy(rows):
    """Return the mean over the edges of -sum_o p_o log p_o / log(operations), between 0 and 1.

    Args:
        rows: strengths `[edges][operations]`; each edge is scaled to a sum of 1.
    """
    entropies = []
    for row in rows:
        p = np.asarray(row) / max(sum(row), 1e-30)
        entropies.append(float(-(p * np.log(np.maximum(p, 1e-30))).sum() / math.log(max(len(row), 2))))
    return sum(entropies) / len(entropies)
