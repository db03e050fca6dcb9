"""A recording as an animated picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ....common.types import FilePath
from ....extras import require, require_matplotlib
from ..genotype.cells import Cell
from ..state.atomic_file import write_atomically
from .drawing import choose_colour, lay_out
from .drawing.figure import FACES, INK, paint_cell
from .edges import Edge, collect_cells, find_cell, find_limits, list_edges
from .recording import Recording

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

__all__ = ["write_animation"]

FRAMES = 50  # at most; of a longer search evenly chosen epochs are shown
FRAME, LAST_FRAME = 180, 3000  # milliseconds
SCALE = 1 / 84  # inches for one unit of the layout
DPI = 80
ROW = 16.0  # height of one operation's row of strengths, in units of the layout
GAP, HEADER, LABELS = 26.0, 82.0, 74.0
SHADES = 4
LETTER = 9.0  # width of a bold letter of the title, generously
GREY = "#5a6977"
TITLES = {"normal": "Normal cell", "reduction": "Reduction cell"}


def write_animation(path: FilePath, recording: Recording) -> None:
    """Write a GIF of a `Recording`: for each epoch the cells it would keep, below them the strengths of all operations.

    A square is an operation on an edge, the stronger the fuller its colour; those of the genotype are framed.

    Args:
        path: of the picture, such as 'search.gif'; it is a GIF whatever its ending.
        recording: a `Recording`.

    Raises:
        ImportError: Pillow is not installed.
        OSError: the file cannot be written.
    """
    require("PIL", extra="cli", user="search.gif")
    pages = Pages(recording)
    chosen = choose_epochs(len(recording.epochs))
    frames = [pages.render(index) for index in chosen]
    operations = {name for edges in recording.operations.values() for names in edges for name in names}
    palette = make_palette(sorted(operations))
    frames = [reduce_colours(frame, palette) for frame in frames]
    durations = [FRAME] * (len(frames) - 1) + [LAST_FRAME]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0, optimize=True)
    write_atomically(path, file.getvalue())


def choose_epochs(count: int) -> list[int]:
    """Return the indices of the epochs to show, the first and the last among them."""
    return sorted({round(i) for i in np.linspace(0, count - 1, min(count, FRAMES))})


def make_palette(operations: Sequence[str]) -> Picture:
    """Return an image with the palette of all frames: every colour that is drawn, in steps to white and to black."""
    from matplotlib.colors import to_rgb
    from PIL import Image

    fills = list(map(choose_colour, operations))[:40]
    colours = np.array([to_rgb(colour) for colour in [INK, GREY, *FACES.values(), *fills]])
    shades = np.linspace(0, 0.8, SHADES)[:, None, None] * colours  # of letters on an operation
    steps = np.linspace(0, 1, 256 // len(colours) - SHADES)
    tints = 1 - steps[:, None, None] * (1 - colours)
    palette = Image.new("P", (1, 1))
    palette.putpalette(np.round(255 * np.concatenate([tints, shades])).astype("uint8").ravel().tolist())
    return palette


def reduce_colours(frame: Picture, palette: Picture) -> Picture:
    """Return a frame in the colours of `palette`, of which the first is white; white stays exactly that."""
    from PIL import Image

    indices = np.array(frame.quantize(palette=palette, dither=Image.Dither.NONE))
    indices[(np.asarray(frame) == 255).all(axis=-1)] = 0
    reduced = Image.fromarray(indices)
    reduced.putpalette(palette.getpalette() or [])
    return reduced


class Pages:
    """The frames of a recording, on one figure that is changed from frame to frame."""

    def __init__(self, recording: Recording) -> None:
        require_matplotlib("search.gif")
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        self.recording = recording
        collected = collect_cells(recording)
        self.cells = {b: [find_cell(b, recording, cells) for cells in collected] for b in recording.operations}
        layouts = {block: [lay_out(cell) for cell in set_of(cells)] for block, cells in self.cells.items()}
        widths = [max([layout.width for layout in of_block] + [330.0]) for of_block in layouts.values()]
        cells_height = max([layout.height for of_block in layouts.values() for layout in of_block], default=0.0)
        table_height = ROW * max((len(edges[0]) for edges in recording.operations.values()), default=0)
        self.width = max(sum(widths) + GAP * (len(widths) + 1), LETTER * max(len(recording.title), 40) + 2 * GAP)
        self.height = HEADER + cells_height + 34 + table_height + 30
        self.figure = Figure(figsize=(self.width * SCALE, self.height * SCALE), dpi=DPI, facecolor="white")
        self.canvas = FigureCanvasAgg(self.figure)
        self._write(GAP, 18, recording.title, fontsize=11, fontweight="bold")
        self.news = self._write(GAP, 38, "", fontsize=10)
        self.parts = []
        left = GAP
        for block, width in zip(recording.operations, widths):
            self._write(left, 66, TITLES.get(block, block), fontsize=9.5, color=GREY)
            cell_axes = self._add_axes(left, HEADER, width, max(cells_height, 1.0))
            below = self._add_axes(left + LABELS, HEADER + cells_height + 34, width - LABELS, table_height)
            table = StrengthTable(below, list_edges(block, recording), find_limits(recording))
            self.parts.append((block, cell_axes, (width, cells_height), table))
            left += width + GAP
        self.painted: dict[str, Cell] = {}

    def render(self, number: int) -> Picture:
        """Return the frame of one record as a `PIL.Image`."""
        from PIL import Image

        record = self.recording.epochs[number]
        text = f"epoch {record.epoch} of {self.recording.epochs[-1].epoch}"
        if "valid_accuracy" in record.figures:
            text += f", validation accuracy {record.figures['valid_accuracy']:.1%}"
        self.news.set_text(text)
        for block, cell_axes, (width, height), table in self.parts:
            cell = self.cells[block][number]
            if cell and self.painted.get(block) != cell:
                cell_axes.clear()
                paint_cell(cell_axes, lay_out(cell))
                cell_axes.set(xlim=(0, width), ylim=(height, 0))
                self.painted[block] = cell
            table.show(number)
        self.canvas.draw()
        return Image.fromarray(np.asarray(self.canvas.buffer_rgba())[..., :3])

    def _add_axes(self, left: float, top: float, width: float, height: float) -> Any:
        box = (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        axes = self.figure.add_axes(box)
        axes.axis("off")
        return axes

    def _write(self, left: float, top: float, text: str, **style: Any) -> Any:
        style = {"color": INK, "va": "center", "parse_math": False, **style}
        return self.figure.text(left / self.width, 1 - top / self.height, text, **style)


def set_of(cells: Sequence[Cell | None]) -> list[Cell]:
    """Return the distinct cells, without None."""
    return [cell for i, cell in enumerate(cells) if cell and cell not in cells[:i]]


class StrengthTable:
    """A table of squares, a row for each operation and a column for each edge, of which the colours change.

    Args:
        axes: matplotlib axes, which it fills.
        edges: list of `Edge`.
        limits: (least, greatest) strength, for white and for the full colour of an operation.
    """

    def __init__(self, axes: Any, edges: Sequence[Edge], limits: tuple[float, float]) -> None:
        from matplotlib.collections import PatchCollection
        from matplotlib.colors import to_rgb
        from matplotlib.patches import Rectangle

        self.edges, self.limits = edges, limits
        first = min((edge.target for edge in edges if edge.labels), default=0)
        # Half a square of room between the edges into one state and those into the next.
        columns = [number + (0.5 * (edge.target - first) if edge.labels else 0) for number, edge in enumerate(edges)]
        axes.set(xlim=(-0.6, columns[-1] + 0.6), ylim=(len(edges[0].operations) - 0.4, -0.6))
        self.colours = np.array([to_rgb(choose_colour(name)) for edge in edges for name in edge.operations])
        corners = [(x - 0.42, o - 0.42) for x, edge in zip(columns, edges) for o in range(len(edge.operations))]
        squares = PatchCollection([Rectangle(corner, 0.84, 0.84) for corner in corners])
        self.squares = axes.add_collection(squares)
        label_table(axes, edges, columns)

    def show(self, number: int) -> None:
        """Show the strengths of one record, and frame what its genotype keeps."""
        low, high = self.limits
        strengths = np.concatenate([edge.rows[number] for edge in self.edges])
        share = np.clip((strengths - low) / (high - low or 1), 0, 1)
        kept = [name == edge.kept[number] for edge in self.edges for name in edge.operations]
        self.squares.set_facecolor(1 - share[:, None] * (1 - self.colours))
        self.squares.set_edgecolor([INK if k else "#e3e8ed" for k in kept])
        self.squares.set_linewidth([1.4 if k else 0.5 for k in kept])


def label_table(axes: Any, edges: Sequence[Any], columns: Sequence[float]) -> None:
    """Name the operations, where all edges have the same, and the state that each group of edges leads to."""
    style = {"fontsize": 7, "color": INK, "va": "center", "parse_math": False}
    operations = edges[0].operations
    if all(edge.operations == operations for edge in edges):
        for o, name in enumerate(operations):
            axes.text(-0.8, o, name.replace("_", " "), ha="right", **style)
    groups: dict[str, list[float]] = {}
    for edge, column in zip(edges, columns):
        if edge.labels:
            groups.setdefault(edge.labels[1][0], []).append(column)
    for label, group in groups.items():
        axes.text(sum(group) / len(group), len(operations) + 0.1, f"into {label}", ha="center", **style)
