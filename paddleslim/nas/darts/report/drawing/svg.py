"""Cells as SVG, in colours that a style sheet gives."""

from __future__ import annotations

from html import escape

from .cells import Cell
from .layout import Node, Pill, Wire, lay_out
from .palette import choose_colour, choose_ink

__all__ = ["write_cell"]

LINE = 12.2  # between the two lines of a name, whose letters are of 11, and of 12 in a narrow window


def write_cell(cell: Cell) -> str:
    """Return a `Cell` as an SVG element for a page.

    The page's style sheet sets `--ink`, `--faint`, `--card` (the background), `--state` and `--outer`.
    """
    layout = lay_out(cell)
    parts = [write_wire(wire) for wire in layout.wires]
    parts += [write_pill(pill) for pill in layout.pills] + [write_node(node) for node in layout.nodes]
    edges = ", ".join(f"{operation} {source} to {target}" for operation, source, target in cell.edges)
    return (
        f'<svg class="cell" viewBox="0 0 {layout.width:g} {layout.height:g}" '
        f'style="max-width: {1.4 * layout.width:g}px" role="img" '
        f'aria-label="{escape(edges)}">{"".join(parts)}</svg>'
    )


def write_wire(wire: Wire) -> str:
    points = " ".join(f"{x:g},{y:g}" for x, y in wire.points)
    if not wire.operation:
        return f'<polyline class="{"faint" if wire.faint else "wire"}" points="{points}"/>'
    # The first line is a gap in the wires that it crosses.
    colour = choose_colour(wire.operation)
    return f'<polyline class="gap" points="{points}"/><polyline points="{points}" stroke="{colour}"/>'


def write_pill(pill: Pill) -> str:
    colour = choose_colour(pill.operation)
    first = pill.y + 3.8 - LINE / 2 * (len(pill.lines) - 1)
    lines = "".join(
        f'<tspan x="{pill.x:g}" y="{first + LINE * i:g}">{escape(line)}</tspan>' for i, line in enumerate(pill.lines)
    )
    return (
        f'{write_box(pill, f"""fill="{colour}" """)}<text class="operation" fill="{choose_ink(colour)}">{lines}</text>'
    )


def write_node(node: Node) -> str:
    base, index = node.label
    index = f'<tspan class="index" dy="3">{index}</tspan>' if index else ""
    label = f'<text class="label" x="{node.x:g}" y="{node.y + 4:g}">{base}{index}</text>'
    return write_box(node, f'class="{"outer" if node.outer else "state"}" ') + label


def write_box(box: Pill | Node, attributes: str) -> str:
    x, y = box.x - box.width / 2, box.y - box.height / 2
    return f'<rect {attributes}x="{x:g}" y="{y:g}" width="{box.width:g}" height="{box.height:g}" rx="6"/>'
