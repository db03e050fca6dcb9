"""The curves of a report: which figures go into which chart."""

from __future__ import annotations

from .charts import write_lines

__all__ = ["draw_curves"]

TOGETHER = {
    "loss": ("train_loss", "valid_loss"),
    "accuracy": ("train_accuracy", "valid_accuracy"),
    "learning_rate": ("learning_rate",),
    "skips": ("skips_normal", "skips_reduce"),
    "entropy": ("entropy",),
    "eigenvalue": ("eigenvalue",),
}
LEFT_OUT = ("steps",)


def draw_curves(recording, labels):
    """Return the charts of a recording as `(title, names of the lines, svg)`.

    Figures that belong together share a chart; every other one that the search reported has a chart of its own.
    """
    records = recording.epochs
    names = dict.fromkeys(name for record in records for name in record.figures if name not in LEFT_OUT)
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
