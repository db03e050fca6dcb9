"""The strengths of the operations on one edge as SVG: a small panel, and the same enlarged, with axes and values."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from .charts import choose_ticks, spell_ticks, write_cursor
from .drawing import choose_colour

__all__ = ["spell_strengths", "write_large_panel", "write_panel"]

WIDTH, HEIGHT = 720, 340
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 10, 50
LETTER = 13.0  # width of a digit of an axis, at font size 20, which they have in a narrow window, in a wide face
BANDS = 60  # places of an enlarged panel, at most, that show their strengths under the pointer


def write_panel(
    rows: Sequence[Sequence[float]],
    operations: Sequence[str],
    limits: tuple[float, float],
    chosen: str | None = None,
    name: str = "",
) -> str:
    """Return a small chart of the strength of every operation on one edge, without axes.

    Args:
        rows: strengths `[epochs][operations]`.
        operations: their names.
        limits: (least, greatest) strength of the vertical axis.
        chosen: the operation that the last genotype keeps there, drawn bolder; or None.
        name: of the lines, by which `write_large_panel` shows them again.
    """
    low, high = limits
    last = max(len(rows) - 1, 1)
    parts = [f'<svg class="panel" viewBox="0 0 {last} 100" preserveAspectRatio="none" aria-hidden="true">']
    parts += [write_cursor(0, 1, 0, 100), f'<g id="lines-{name}">' if name else "<g>"]
    order = sorted(range(len(operations)), key=lambda o: operations[o] == chosen)
    for o in order:
        heights = [100 * (high - row[o]) / (high - low or 1) for row in rows]
        points = " ".join(f"{i},{h:.1f}" for i, h in enumerate(heights if len(rows) > 1 else heights * 2))
        kind = "chosen" if operations[o] == chosen else "none" if operations[o] == "none" else "other"
        colour = choose_colour(operations[o])
        parts.append(f'<polyline class="strength {kind}" points="{points}" stroke="{colour}"/>')
    return "".join(parts) + "</g></svg>"


def write_large_panel(
    rows: Sequence[Sequence[float]],
    operations: Sequence[str],
    limits: tuple[float, float],
    epochs: Sequence[int],
    name: str,
    labels: dict[str, str],
) -> str:
    """Return the lines of the panel called `name` once more, with axes; each place shows its strengths.

    Args:
        rows, operations, limits: as for `write_panel`.
        epochs: the number of the epoch of each row.
        name: of a panel on the same page.
        labels: the words of the page.
    """
    low, high = limits
    ticks = [tick for tick in choose_ticks(low, high, 6) if low <= tick <= high]
    texts = spell_ticks(ticks, 4)
    left = max(LEFT, round(LETTER * max(map(len, texts), default=0)) + 8)
    width, height = WIDTH - left - RIGHT, HEIGHT - TOP - BOTTOM
    last = max(len(rows) - 1, 1)
    step = width / last

    def y(value: float) -> float:
        return round(TOP + height * (high - value) / (high - low or 1), 2)

    parts = [f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{labels["strength"]}">']
    for tick, text in zip(ticks, texts):
        parts.append(f'<line class="grid" x1="{left}" x2="{WIDTH - RIGHT}" y1="{y(tick)}" y2="{y(tick)}"/>')
        parts.append(f'<text class="tick" x="{left - 6}" y="{y(tick) + 4:g}" text-anchor="end">{text}</text>')
    place_of = {epoch: left + step * i for i, epoch in enumerate(epochs)}
    for tick in choose_ticks(epochs[0], epochs[-1], 8, least_step=1):
        if tick in place_of:
            x = f'x="{place_of[tick]:.1f}" y="{HEIGHT - 29}" text-anchor="middle"'
            parts.append(f'<text class="tick" {x}>{tick:g}</text>')
    middle = f'x="{left + width / 2:g}" y="{HEIGHT - 6}" text-anchor="middle"'
    parts.append(f'<text class="tick" {middle}>{labels["epoch"]}</text>')
    lines = f"translate({left} {TOP}) scale({step:.6g} {height / 100:g})"
    parts.append(f'<use href="#lines-{name}" transform="{lines}"/>')
    parts.append(write_cursor(left, step, TOP, HEIGHT - BOTTOM))
    parts += write_bands(rows, operations, epochs, (left, step), labels["epoch"])
    return "".join(parts) + "</svg>"


def write_bands(
    rows: Sequence[Sequence[float]],
    operations: Sequence[str],
    epochs: Sequence[int],
    scale: tuple[float, float],
    word: str,
) -> list[str]:
    """Return upright bands over a panel, each with the strengths at its middle as a title; `BANDS` of them at most.

    `scale` is (place of the first row, distance of two rows) on the horizontal axis.
    """
    first, step = scale
    count = min(len(rows), BANDS)
    chosen = sorted({round(i * (len(rows) - 1) / max(count - 1, 1)) for i in range(count)})
    edges = [0.0, *((a + b) / 2 for a, b in zip(chosen, chosen[1:])), float(len(rows) - 1)]
    bands = []
    for i, start, end in zip(chosen, edges, edges[1:]):
        left, wide = first + step * start, max(step * (end - start), 1.0)
        title = f"{word} {epochs[i]}\n{spell_strengths(rows[i], operations, separator=chr(10))}"
        where = f'x="{left:.1f}" y="{TOP}" width="{wide:.1f}" height="{HEIGHT - TOP - BOTTOM}"'
        bands.append(f'<rect class="band" {where}><title>{escape(title)}</title></rect>')
    return bands


def spell_strengths(row: Sequence[float], operations: Sequence[str], separator: str = ", ") -> str:
    """Return the strengths of the operations of an edge as text, the strongest first."""
    strongest = sorted(zip(row, operations), reverse=True)
    return separator.join(f"{operation} {strength:.3f}" for strength, operation in strongest)
