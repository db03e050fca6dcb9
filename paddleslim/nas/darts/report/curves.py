"""The curves of a report: which figures go into which chart."""

from __future__ import annotations

from .charts import write_lines

__all__ = ["draw_curves", "find_measure"]

TOGETHER = {
    "loss": ("train_loss", "valid_loss"),
    "accuracy": ("train_accuracy", "valid_accuracy"),
    "learning_rate": ("learning_rate",),
    "skips": ("skips_normal", "skips_reduce"),
    "entropy": ("entropy",),
    "eigenvalue": ("eigenvalue",),
}
LEFT_OUT = ("steps",)


def find_measure(figures, phase="valid"):
    """Return the name of what an epoch is judged by among its figures: the first metric, the accuracy, or the loss.

    Args:
        figures: numbers by name.
        phase: 'valid' or 'train'.

    Returns:
        The name, or None where nothing of the phase was measured.
    """
    first = [name for name in figures if name.startswith(f"{phase}_metrics/")][:1]
    if first and not is_repeated(first[0], figures):
        return first[0]
    return next((name for name in (f"{phase}_accuracy", f"{phase}_loss") if name in figures), None)


def is_repeated(name, figures):
    """Whether a figure is the accuracy as a metric, where that is a figure of its own already."""
    phase, _, metric = name.partition("_metrics/")
    return metric == "accuracy" and f"{phase}_accuracy" in figures


def is_idle(name, recording):
    """Whether a figure counts skip connections in a space that has none."""
    if name not in TOGETHER["skips"] or any(record.figures.get(name) for record in recording.epochs):
        return False
    return not any("skip_connect" in names for edges in recording.operations.values() for names in edges)


def draw_curves(recording, labels):
    """Return the charts of a recording as `(title, names of the lines, svg)`.

    Figures that belong together share a chart; every other one that the search reported has a chart of its own.
    """
    records = recording.epochs
    names = dict.fromkeys(
        name
        for record in records
        for name in record.figures
        if not (name in LEFT_OUT or is_repeated(name, record.figures) or is_idle(name, recording))
    )
    figures = {name: [(r.epoch, r.figures[name]) for r in records if name in r.figures] for name in names}
    wanted = []
    for title, group in TOGETHER.items():
        lines = {labels.get(name, name): figures.pop(name) for name in group if name in figures}
        wanted.append((labels[title], lines, title == "accuracy"))
    for name in [name for name in figures if name.startswith("train_metrics/")]:
        metric = name.partition("/")[2]
        both = ("train", name), ("valid", f"valid_metrics/{metric}")
        lines = {labels[f"{phase}_accuracy"]: figures.pop(key) for phase, key in both if key in figures}
        wanted.append((metric, lines, False))
    wanted += [(name, {name: points}, False) for name, points in figures.items()]
    last = records[-1].epoch
    curves = [(title, list(lines), write_lines(lines, last, percent)) for title, lines, percent in wanted if lines]
    return [curve for curve in curves if curve[2]]
