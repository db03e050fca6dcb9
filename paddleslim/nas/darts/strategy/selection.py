"""How a search chooses its genotype when its epochs are done."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from ..genotype.derivation import get_genotype

__all__ = ["Strongest", "strength_of"]


@dataclasses.dataclass(frozen=True)
class Strongest:
    """On every edge the strongest operation, for every state its two strongest edges (DARTS, section 2.4)."""

    equation: ClassVar[str] = "for each state the two edges whose strongest operation, 'none' aside, is strongest"
    immediate: ClassVar[bool] = True

    def select(self, search):
        """Return the genotype of the present alphas of a search; `search.model` is its supernet."""
        return get_genotype(search.model, strength=strength_of(search))


def strength_of(search):
    """Return how the mixture of a search ranks operations, a function of an array of alphas; None for the softmax."""
    return getattr(getattr(getattr(search, "strategy", None), "mixture", None), "strength", None)
