"""What every picture of a cell shares: what it shows, where it stands, in which colours."""

from .cells import Cell, name_state, read_cells
from .figure import draw_genotype, make_figure, paint_cell
from .html import write_cells
from .layout import Layout, Node, Pill, Wire, lay_out
from .palette import choose_colour, choose_ink
from .svg import write_cell

__all__ = [
    "Cell",
    "Layout",
    "Node",
    "Pill",
    "Wire",
    "choose_colour",
    "choose_ink",
    "draw_genotype",
    "lay_out",
    "make_figure",
    "name_state",
    "paint_cell",
    "read_cells",
    "write_cell",
    "write_cells",
]
