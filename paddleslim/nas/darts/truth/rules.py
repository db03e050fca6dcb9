"""Trivial rules that return a cell without a search; a search should do better than each of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Callable

from .table import Cell, TruthTable

__all__ = ["RULES", "follow"]


def largest(number: Callable[[Cell], float]) -> Callable[[Sequence[Cell]], list[Cell]]:
    """Return a rule that picks the cells with the largest `number(cell)`."""

    def rule(cells: Sequence[Cell]) -> list[Cell]:
        most = max(number(cell) for cell in cells)
        return [cell for cell in cells if number(cell) == most]

    return rule


RULES = {
    "random": list,
    "no skip": lambda cells: [cell for cell in cells if cell.skips == 0],
    "most parameters": largest(lambda cell: cell.parameters),
    "most FLOPs": largest(lambda cell: cell.flops),
    "synflow": largest(lambda cell: cell.scores["synflow"]),
    "gradient norm": largest(lambda cell: cell.scores["gradient_norm"]),
}


def follow(rule: str, table: TruthTable, budget: float | None = None) -> list[Cell]:
    """Return the cells that a rule may return, all equally likely.

    Args:
        rule: a name in `RULES`.
        table: a `TruthTable`.
        budget: the largest number of parameters a cell may have; None for no limit.

    Raises:
        ValueError: there is no such rule, or no cell within the budget.

    Example:
        >>> [cell.code for cell in follow("most parameters", load_table())]
        ['333']
    """
    if rule not in RULES:
        raise ValueError(f"rule must be one of {', '.join(RULES)}, got {rule!r}")
    return RULES[rule](list(table) if budget is None else table.within(budget))
