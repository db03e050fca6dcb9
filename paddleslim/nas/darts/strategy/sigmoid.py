"""The mixture of FairDARTS: operations that do not compete (Chu et al., 2020)."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
from paddle.nn import functional as F

__all__ = ["Sigmoid"]


@dataclasses.dataclass(frozen=True)
class Sigmoid:
    """Mix by `p = sigmoid(a)`, each operation on its own (FairDARTS: Chu et al., 2020)."""

    equation: ClassVar[str] = "p = sigmoid(a)"
    samples: ClassVar[bool] = False

    def curves(self, progress):
        """Return what anneals, by name: nothing."""
        return {}

    def weights(self, alphas, progress, generator):
        """Return the weights of the operations, `[edges, operations]`, of alphas of that shape."""
        return F.sigmoid(alphas)

    def strength(self, alphas):
        """Return sigmoid(a) of an array `[edges, operations]`."""
        return 1 / (1 + np.exp(-np.clip(alphas, -700, None)))
