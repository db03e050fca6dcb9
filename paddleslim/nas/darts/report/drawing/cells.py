"""A genotype as cells to draw: which operation leads from where to where."""

from __future__ import annotations

import re
from typing import NamedTuple

from ...genotype.derivation import Genotype

__all__ = ["Cell", "name_state", "read_cells"]


class Cell(NamedTuple):
    """What a picture of a cell shows.

    Attributes:
        name: such as 'normal'.
        inputs: how many inputs it has; they are the states 0, 1, ...
        edges: list of `(operation, source, target)`, by target.
        concat: states whose concatenation is the output, of those there are; empty where the last state is the
            output itself.
    """

    name: str
    inputs: int
    edges: list
    concat: list

    @property
    def states(self):
        """How many states there are, inputs included."""
        last = max([target for _, _, target in self.edges] + list(self.concat), default=self.inputs)
        return last + 1


def read_cells(genotype):
    """Return the cells of a genotype.

    Args:
        genotype: a `Genotype`, or a cell as NAS-Bench-201 (Dong and Yang, 2020) writes it,
            `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(genotype, Genotype):
        return [
            Cell(
                name,
                2,
                [(op, source, 2 + i // 2) for i, (op, source) in enumerate(gene)],
                [s for s in concat if s >= 0],
            )
            for name, gene, concat in (
                ("normal", genotype.normal, genotype.normal_concat),
                ("reduction", genotype.reduce, genotype.reduce_concat),
            )
        ]
    edges = [
        (operation, int(source), target)
        for target, state in enumerate(str(genotype).split("+"), start=1)
        for operation, source in re.findall(r"([^|~]+)~(\d+)\|", state)
    ]
    if not edges or any(source >= target for _, source, target in edges):
        raise ValueError(f"expected a Genotype or a cell such as '|op~0|+|op~0|op~1|', got {genotype!r}")
    return [Cell("cell", 1, edges, [])]


def name_state(cell_inputs, state):
    """Return how a state is labelled: `(base, index)`, such as ('c', 'k-2') or ('1', '')."""
    if cell_inputs == 1:
        return ("in", "") if state == 0 else (str(state), "")
    return ("c", f"k-{cell_inputs - state}") if state < cell_inputs else (str(state - cell_inputs + 1), "")
