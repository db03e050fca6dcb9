"""A genotype as cells to draw."""

from __future__ import annotations

from typing import Any

from ...genotype.cells import Cell
from ...genotype.known import as_genotype

__all__ = ["Cell", "name_state", "read_cells"]


def read_cells(genotype: Any, any_concat: bool = True) -> list[Cell]:
    """Return the cells of a genotype, each a `Cell`.

    Args:
        genotype: a `Genotype`, or a cell as NAS-Bench-201 (Dong and Yang, 2020) writes it,
            `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`.
        any_concat: whether cells pass whose output no network can be built of, see `as_genotype`.

    Raises:
        ValueError: it is neither.
    """
    return as_genotype(genotype, any_concat).cells()


def name_state(cell_inputs: int, state: int) -> tuple[str, str]:
    """Return how a state is labelled: `(base, index)`, such as ('c', 'k-2') or ('1', '')."""
    if cell_inputs == 1:
        return ("in", "") if state == 0 else (str(state), "")
    return ("c", f"k-{cell_inputs - state}") if state < cell_inputs else (str(state - cell_inputs + 1), "")
