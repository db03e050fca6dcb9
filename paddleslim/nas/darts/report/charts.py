"""Curves over the epochs as SVG: figures, and which edges a genotype keeps."""

from __future__ import annotations

import itertools
import math
from html import escape

from .drawing import choose_colour

__all__ = ["choose_ticks", "spell_ticks", "write_cursor", "write_lines", "write_ribbon"]

WIDTH, HEIGHT = 400, 210
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 10, 30
LETTER = 7.7  # width of a digit of an axis, at font size 12 in a wide face
COLOURS = 10  # of lines, that the style of a page has


def write_lines(series, epochs, percent=False, colours=None):
    """Return a chart of one or more lines with axes.

    Args:
        series: for each name a list of `(epoch, value)`; values that are not finite are left out.
        epochs: the last epoch on the horizontal axis.
        percent: write values as percentages.
        colours: the number of the colour of each line by name, of ten that the page has; in their order if None.
    """
    finite = {name: [(e, v) for e, v in points if math.isfinite(v)] for name, points in series.items()}
    values = [value for points in finite.values() for _, value in points]
    if not values:
        return ""
    are_counts = all(isinstance(value, int) for value in values)
    ticks = choose_ticks(min(values), max(values), 5, least_step=1 if are_counts else 0)
    texts = [f"{100 * tick:g}%" for tick in ticks] if percent else spell_ticks(ticks, 5)
    left = max(LEFT, round(LETTER * max(map(len, texts))) + 8)
    step = (WIDTH - left - RIGHT) / max(epochs, 1)

    def x(epoch):
        return round(left + step * epoch, 2)

    def y(value):
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (ticks[-1] - value) / (ticks[-1] - ticks[0]), 2)

    parts = [f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(", ".join(series))}">']
    for tick, text in zip(ticks, texts):
        parts.append(f'<line class="grid" x1="{left}" x2="{WIDTH - RIGHT}" y1="{y(tick)}" y2="{y(tick)}"/>')
        parts.append(f'<text class="tick" x="{left - 6}" y="{y(tick) + 4}" text-anchor="end">{text}</text>')
    for epoch in choose_ticks(0, epochs, 6, least_step=1):
        if epoch <= epochs:
            parts.append(f'<text class="tick" x="{x(epoch)}" y="{HEIGHT - 10}" text-anchor="middle">{epoch:g}</text>')
    parts.append(write_cursor(left, step, TOP, HEIGHT - BOTTOM, by="epoch"))
    for place, (name, points) in enumerate(finite.items()):
        number = (place if colours is None else colours[name]) % COLOURS
        line = " ".join(f"{x(e)},{y(v)}" for e, v in points)
        parts.append(f'<polyline class="series s{number}" points="{line}"/>')
        for e, v in points:
            text = f"{escape(name)}, {e}: {100 * v:.2f}%" if percent else f"{escape(name)}, {e}: {v:.5g}"
            seen = " seen" if len(points) < 3 else ""
            parts.append(
                f'<circle class="point s{number}{seen}" cx="{x(e)}" cy="{y(v)}" r="4"><title>{text}</title></circle>'
            )
    return "".join(parts) + "</svg>"


def write_ribbon(choices):
    """Return one row of blocks: the operation that each genotype keeps on one edge.

    Args:
        choices: for each epoch, from 0, the name of the operation, or None where the edge is not kept.
    """
    parts = [f'<svg class="ribbon" viewBox="-0.5 0 {len(choices)} 10" preserveAspectRatio="none" role="img">']
    start = 0
    for operation, run in itertools.groupby(choices):
        length = len(list(run))
        if operation is not None:
            title = f"{escape(operation)}, {start} - {start + length - 1}"
            box = f'x="{start - 0.5}" y="0" width="{length}" height="10" fill="{choose_colour(operation)}"'
            parts.append(f"<rect {box}><title>{title}</title></rect>")
        start += length
    return "".join(parts) + write_cursor(0, 1, 0, 10) + "</svg>"


def write_cursor(start, step, top, bottom, by="index"):
    """Return the line that marks what is on show; a script moves it to `start + step * i`.

    There i is the epoch, or, `by` 'index', the number of its record.
    """
    where = f'x1="{start:g}" x2="{start:g}" y1="{top}" y2="{bottom}"'
    return f'<line class="cursor" data-by="{by}" data-start="{start:g}" data-step="{step:.6g}" {where}/>'


def spell_ticks(ticks, digits):
    """Return ticks as text, of so many digits or of more where two would read alike; ten at most."""
    enough = next((n for n in range(digits, 10) if len({f"{tick:.{n}g}" for tick in ticks}) == len(ticks)), 10)
    return [f"{tick:.{enough}g}" for tick in ticks]


def choose_ticks(low, high, about, least_step=0):
    """Return about `about` round numbers, at least `least_step` apart, that enclose `low` and `high`."""
    size, span = max(abs(low), abs(high)), high - low
    if span <= 1e-9 * size or size < 1e-30:
        span = size if size >= 1e-30 else 1.0
    rough = span / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = max(next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999), least_step)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    return [float(f"{i * step:.10g}") for i in range(first, last + 1)]
