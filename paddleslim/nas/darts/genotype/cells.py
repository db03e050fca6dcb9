"""A genotype as cells: which operation leads from where to where."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Cell"]


class Cell(NamedTuple):
    """One cell of a genotype.

    Attributes:
        name: such as 'normal'.
        inputs: how many inputs it has; they are the states 0, 1, ...
        edges: list of `(operation, source, target)`, by target.
        concat: states whose concatenation is the output, of those there are; empty where the last state is the
            output itself.
    """

    name: str
    inputs: int
    edges: list[tuple[str, int, int]]
    concat: list[int]

    @property
    def states(self) -> int:
        """How many states there are, inputs included."""
        last = max([target for _, _, target in self.edges] + list(self.concat), default=self.inputs)
        return last + 1

    def count(self, operation: str) -> int:
        """Return on how many edges the operation of this name is."""
        return sum(name == operation for name, _, _ in self.edges)
