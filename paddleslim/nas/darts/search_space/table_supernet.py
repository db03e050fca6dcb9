"""A DARTS supernet whose edges differ: a table says which operations each edge of each cell mixes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from ..genotype.edges import choose_edges, edge_count, softmax
from ..genotype.genotype import Genotype
from ..state.schema import shorten
from .auxiliary_skip import with_auxiliary_skip
from .cell import Cell
from .darts import DARTSSupernet

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


def check_table(table, steps=None):
    """Return the table with tuples of names, or raise a ValueError that names cell and edge unless it is one.

    Args:
        table: of any type, as a file may hold one; the operations themselves are not looked up.
        steps: inner states of a cell; any number of them if None.
    """
    if not isinstance(table, Mapping) or set(table) != {"normal", "reduce"}:
        raise ValueError("it should hold `normal` and `reduce`, each a list of the operations of every edge")
    checked = {cell: check_edges(table[cell], cell) for cell in ("normal", "reduce")}
    for cell, edges in checked.items():
        if steps is not None and len(edges) != edge_count(steps):
            raise ValueError(
                f"cells of {steps} inner states have {edge_count(steps)} edges, but `{cell}` has {len(edges)}"
                f"{suggest_steps(len(edges))}"
            )
    sizes = {cell: (len(edges), len(edges[0])) for cell, edges in checked.items()}
    if sizes["normal"] != sizes["reduce"]:
        raise ValueError(
            f"`normal` has {sizes['normal'][0]} edges of {sizes['normal'][1]} operations and `reduce` "
            f"{sizes['reduce'][0]} of {sizes['reduce'][1]}; both need as many, fill up with 'none'"
        )
    return checked


def check_edges(edges, cell):
    """Return the operations of the edges of a cell as tuples, or raise a ValueError, see `check_table`."""
    if not is_list(edges) or not edges:
        raise ValueError(f"`{cell}` must be a list of lists of operations, got {shorten(edges)}")
    for edge, names in enumerate(edges):
        where = f"edge {edge} of `{cell}`"
        if not is_list(names) or not names:
            raise ValueError(f"{where} must be a list of operations, got {shorten(names)}")
        for name in names:
            if not isinstance(name, str):
                raise ValueError(f"{where} must hold names of operations, got {shorten(name)}")
        twice = [name for name in names if name != "none" and names.count(name) > 1]
        if twice:
            raise ValueError(f"{where} has {twice[0]!r} twice")
        if set(names) == {"none"}:
            raise ValueError(f"{where} needs an operation other than 'none'")
    widths = sorted({len(names) for names in edges})
    if len(widths) > 1:
        raise ValueError(f"edges of `{cell}` have {widths} operations; fill up with 'none'")
    return tuple(map(tuple, edges))


def is_list(value):
    return isinstance(value, (list, tuple))


def suggest_steps(edges):
    """Return what to say of the number of states whose edges these are, if there is one."""
    steps = next((steps for steps in range(1, edges + 1) if edge_count(steps) == edges), None)
    return "" if steps is None else f"; that is a table for --steps {steps} (steps={steps})"
