"""The selection of FairDARTS (Chu et al., 2020)."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from ..genotype.derivation import weigh_edges
from ..genotype.edges import by_state
from ..genotype.genotype import Genotype
from .annealing import check_numbers, make_plain
from .operation_names import operation_names
from .selection import strength_of

__all__ = ["Threshold", "choose_above"]


@dataclasses.dataclass(frozen=True)
class Threshold:
    """On every edge the strongest operation if its strength reaches `threshold`, at most two edges a state.

    A state of fewer edges that are strong enough has 'none' for the rest (FairDARTS: Chu et al., 2020, section 4).

    Raises:
        ValueError: the threshold is not in [0, 1].
    """

    threshold: float = 0.85

    equation: ClassVar[str] = "the best operation of an edge if sigmoid(a) >= threshold, at most two edges a state"
    immediate: ClassVar[bool] = True

    def __post_init__(self):
        make_plain(self)
        check_numbers(0.0, 1.0, threshold=self.threshold)

    def select(self, search):
        """Return the genotype of the present alphas of a search; `search.model` is its supernet."""
        model, strength, cells = search.model, strength_of(search), {}
        if not hasattr(model, "_steps"):
            raise TypeError(
                f"Threshold chooses edges of the cells of DARTS, {type(model).__name__} has none; select by Strongest()"
            )
        for kind, cell in enumerate(("normal", "reduce")):
            strengths = weigh_edges(model, cell, strength)
            names = operation_names(model, kind, len(strengths))
            cells[cell] = choose_above(self.threshold, strengths, model._steps, names)
        concat = range(2 + model._steps - model._multiplier, model._steps + 2)
        return Genotype(cells["normal"], concat, cells["reduce"], concat)


def choose_above(threshold, strengths, steps, names):
    """Return two `(operation, source)` of each state, the strongest first, 'none' where none is strong enough.

    Args:
        threshold: least strength.
        strengths: `[edges, operations]`.
        steps: inner states.
        names: of the operations of each edge.
    """
    gene = []
    for edges, of_edges in zip(by_state(strengths, steps), by_state(names, steps)):
        best = []
        for source, (row, own) in enumerate(zip(edges, of_edges)):
            known = np.array([s if name != "none" else -np.inf for s, name in zip(row, own)])
            best.append((known.max(), own[int(known.argmax())], source))
        strongest = sorted(best, key=lambda edge: -edge[0])[:2]
        gene += [(name if strength >= threshold else "none", source) for strength, name, source in strongest]
    return gene
