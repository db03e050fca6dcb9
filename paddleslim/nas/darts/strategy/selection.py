"""How a search chooses its genotype when its epochs are done."""

from __future__ import annotations

import dataclasses

from ..genotype.derivation import get_genotype

__all__ = ["Strongest"]


@dataclasses.dataclass(frozen=True)
class Strongest:
    """On every edge the strongest operation, for every state its two strongest edges (DARTS, section 2.4)."""

    def select(self, search):
        """Return the genotype of a search that is done; `search.model` is its supernet."""
        return get_genotype(search.model)
