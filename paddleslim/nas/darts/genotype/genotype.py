"""The genotype of a normal and a reduction cell."""

from __future__ import annotations

import collections
import json
from collections.abc import Sequence

from .cells import Cell
from .shown import ShownAsPicture

__all__ = ["Genotype"]


class Genotype(ShownAsPicture, collections.namedtuple("Genotype", "normal normal_concat reduce reduce_concat")):
    """The two cells of a network.

    Attributes:
        normal: list of `(operation, source)`; two entries for each inner state, in order. Sources 0 and 1 are the
            outputs of the two cells before, 2 the first inner state.
        normal_concat: the states whose concatenation the cell puts out.
        reduce, reduce_concat: the same for the reduction cell.

    Example:
        >>> DARTS_V2.normal[:2]
        [('sep_conv_3x3', 0), ('sep_conv_3x3', 1)]
        >>> Genotype.from_json(DARTS_V2.to_json()) == DARTS_V2
        True
    """

    __slots__ = ()

    def to_json(self) -> str:
        """Return the genotype as a JSON object; `from_json` reads it back, equal and printed the same."""
        fields = {name: list(value) for name, value in self._asdict().items()}
        return json.dumps(fields, indent=2)

    def cells(self) -> list[Cell]:
        """Return the two cells, each a `Cell`."""
        pairs = ("normal", self.normal, self.normal_concat), ("reduction", self.reduce, self.reduce_concat)
        return [
            Cell(name, 2, [(op, k, 2 + i // 2) for i, (op, k) in enumerate(gene)], [k for k in concat if k >= 0])
            for name, gene, concat in pairs
        ]

    @classmethod
    def from_json(cls, text: str) -> Genotype:
        """Return the genotype that `to_json` wrote.

        Raises:
            ValueError: the text is no JSON object with the four fields, or one of them is malformed.
        """
        try:
            fields = json.loads(text)
            cells = {cell: [(str(op), int(source)) for op, source in fields[cell]] for cell in ("normal", "reduce")}
            concats = {name: as_range([int(s) for s in fields[name]]) for name in ("normal_concat", "reduce_concat")}
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                "a genotype in JSON is an object with `normal` and `reduce`, lists of [operation, source], and "
                f"`normal_concat` and `reduce_concat`, lists of states; {type(error).__name__}: {error}"
            ) from error
        return cls(**cells, **concats)


def as_range(states: list[int]) -> Sequence[int]:
    """Return consecutive states as a range, as genotypes are printed; other ones as the list they are."""
    consecutive = range(states[0], states[0] + len(states)) if states else range(0)
    return consecutive if list(consecutive) == states else states
