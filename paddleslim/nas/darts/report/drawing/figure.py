"""Pictures of genotypes, by matplotlib."""

from __future__ import annotations

from typing import Any

from .....common.paths import own_path
from .....common.types import FilePath
from .....common.visible import visible
from .....extras import require_matplotlib
from .....zlib_first import is_zlib_safe
from .cells import read_cells
from .fonts import all_scripts
from .layout import Layout, Node, Pill, Wire, lay_out
from .palette import choose_colour, choose_ink

__all__ = ["draw_genotype", "make_figure", "paint_cell"]

INK = "#22303c"
FAINT = "#8894a0"
FACES = {True: "#dfe8f1", False: "#fff3d6"}  # of inputs and outputs, of inner states
RADIUS = 6.0  # of corners
SCALE = 1 / 80  # inches for one unit of the layout, so that a unit is 0.9 points


def draw_genotype(genotype: Any, path: FilePath, title: str | None = None) -> None:
    """Draw the cells of a genotype to `path`; the ending chooses the format (.png, .svg, .pdf).

    Args:
        genotype: a `Genotype`, or the string of a NAS-Bench-201 cell.
        path: of the picture.
        title: a line above it.

    Raises:
        ValueError: the genotype cannot be read as cells, or no network can be built of it.
        RuntimeError: a PNG, where Paddle 2 was imported before paddleslim.
    """
    if str(path).endswith(".png") and not is_zlib_safe():
        raise RuntimeError(f"{path}: Paddle 2 breaks zlib; write an .svg or .pdf, or import paddleslim before paddle")
    read_cells(genotype, any_concat=False)
    require_matplotlib("draw_genotype")
    with all_scripts():
        make_figure(genotype, title).savefig(own_path(path))


def make_figure(genotype: Any, title: str | None = None) -> Any:
    """Return the picture of `draw_genotype` as a matplotlib figure, also of cells whose output cannot be built."""
    require_matplotlib("draw_genotype")
    from matplotlib.figure import Figure

    cells = read_cells(genotype)
    layouts = [lay_out(cell) for cell in cells]
    width, height = sum(lay.width + 30 for lay in layouts), max(lay.height for lay in layouts) + 34
    top = height + (26 if title else 0)
    figure = Figure(figsize=(width * SCALE, top * SCALE), dpi=130, facecolor="white")
    left = 15.0
    for cell, lay in zip(cells, layouts):
        axes = figure.add_axes((left / width, 0, lay.width / width, (lay.height + 4) / top))
        paint_cell(axes, lay)
        heading = cell.name.capitalize() + ("" if cell.name == "cell" else " cell")
        y = (lay.height + 16) / top
        figure.text(left / width, y, heading, fontsize=11, color=INK, fontweight="bold", va="center")
        left += lay.width + 30
    if title:
        figure.text(15 / width, 1 - 17 / top, visible(title), fontsize=10, color=INK, va="center", parse_math=False)
    return figure


def paint_cell(axes: Any, layout: Layout) -> None:
    """Paint a `Layout` into matplotlib axes, which it fills."""
    axes.set(xlim=(0, layout.width), ylim=(layout.height + 2, -2))
    axes.axis("off")
    for wire in layout.wires:
        paint_wire(axes, wire)
    for pill in layout.pills:
        colour = choose_colour(pill.operation)
        axes.add_patch(round_box(pill, facecolor=colour, edgecolor="none", zorder=4))
        style = {"fontsize": 8.8, "ha": "center", "va": "center", "zorder": 5, "linespacing": 1.05}
        axes.text(pill.x, pill.y, "\n".join(pill.lines), color=choose_ink(colour), parse_math=False, **style)
    for node in layout.nodes:
        axes.add_patch(round_box(node, facecolor=FACES[node.outer], edgecolor=INK, linewidth=1, zorder=6))
        base, index = node.label
        text = f"${base}_{{{index}}}$" if index else base
        axes.text(node.x, node.y, text, fontsize=10, color=INK, ha="center", va="center", zorder=7)


def round_box(shape: Pill | Node, **style: Any) -> Any:
    """Return the outline of a `Pill` or `Node`, with round corners, as a matplotlib patch."""
    from matplotlib.patches import FancyBboxPatch

    corner = shape.x - shape.width / 2 + RADIUS, shape.y - shape.height / 2 + RADIUS
    inner = shape.width - 2 * RADIUS, shape.height - 2 * RADIUS
    return FancyBboxPatch(corner, *inner, boxstyle=f"round,pad={RADIUS}", **style)


def paint_wire(axes: Any, wire: Wire) -> None:
    xs, ys = zip(*wire.points)
    if wire.operation:  # a gap in the wires it crosses
        axes.plot(xs, ys, color="white", linewidth=4.5, solid_capstyle="butt", zorder=2)
    colour = choose_colour(wire.operation) if wire.operation else FAINT if wire.faint else INK
    axes.plot(xs, ys, color=colour, linewidth=1.6, solid_capstyle="butt", zorder=3 if wire.operation else 1)
