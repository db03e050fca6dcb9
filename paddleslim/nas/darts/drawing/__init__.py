"""What every picture of a cell shares: what it shows, where it stands, in which colours."""

from .cells import Cell, name_state, read_cells
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
    "lay_out",
    "name_state",
    "read_cells",
    "write_cell",
]
