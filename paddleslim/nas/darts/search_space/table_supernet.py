"""A DARTS supernet whose edges differ: a table says which operations each edge of each cell mixes."""

from __future__ import annotations

import dataclasses

from ..genotype.edges import choose_edges, edge_count, softmax
from ..genotype.genotype import Genotype
from .auxiliary_skip import with_auxiliary_skip
from .cell import Cell
from .darts import DARTSSupernet, operations_of_edges

__all__ = ["TableSupernet", "check_table"]


class TableSupernet(DARTSSupernet):
    """The supernet of DARTS with operations of its own for each edge of normal and of reduction cells.

    Args:
        table: `{"normal": edges, "reduce": edges}`; for each edge, ordered by the state it ends in and then by its
            source, the names of its operations, equally many on all edges.
        channels, num_classes, layers, in_channels, steps: as of `DARTSSupernet`; all states are put out.
        builders: operations of one's own, see `make_operation`.
        auxiliary_skip: as of `DARTSSupernet`.

    Raises:
        ValueError: a size is below 1, the table does not fit, or an operation is unknown.
    """

    def __init__(
        self, table, channels=16, num_classes=10, layers=8, in_channels=3, steps=4, builders=None, auxiliary_skip=False
    ):
        self.table = check_table(table, steps)
        super().__init__(
            channels,
            num_classes,
            layers,
            in_channels,
            steps,
            steps,
            primitives=table["normal"],
            builders=builders,
            auxiliary_skip=auxiliary_skip,
        )
        edges = with_auxiliary_skip(self.table["reduce"]) if auxiliary_skip else self.table["reduce"]
        for i, cell in enumerate(self.cells):
            if cell.shape.reduction:
                self.cells[i] = Cell(dataclasses.replace(cell.shape, edges=edges), builders=builders)

    def edge_operations(self):
        return self.table["normal"], self.table["reduce"]

    def genotype(self, strength=softmax):
        """Return the `Genotype`: for each state the two edges whose strongest operation, 'none' aside, is strongest.

        `strength` is a function of an array of alphas `[edges, operations]`, see `get_genotype`.
        """
        concat, cells = range(2, 2 + self._steps), {}
        for cell, alphas in zip(("normal", "reduce"), self.arch_parameters()):
            strengths = strength(alphas.numpy().astype("float64"))
            cells[cell] = choose_edges(strengths, self._steps, self.table[cell])
        return Genotype(cells["normal"], concat, cells["reduce"], concat)


def check_table(table, steps):
    """Return the table with tuples of names, or raise a ValueError unless it is one for cells of `steps` states."""
    checked = {}
    for cell in ("normal", "reduce"):
        try:
            checked[cell] = operations_of_edges(table[cell], edge_count(steps))
        except ValueError as error:
            raise ValueError(f"cells of {steps} inner states, `{cell}`: {error}") from error
        for edge, names in enumerate(checked[cell]):
            if not set(names) - {"none"}:
                raise ValueError(f"edge {edge} of `{cell}` needs an operation other than 'none', got {list(names)}")
    widths = {cell: len(edges[0]) for cell, edges in checked.items()}
    if widths["normal"] != widths["reduce"]:
        raise ValueError(f"every edge must have as many operations, got {widths}; fill up with 'none'")
    return checked
