"""The zero-one loss of FairDARTS (Chu et al., 2020)."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import paddle
from paddle.nn import functional as F

from .annealing import check_numbers, make_plain
from .beta_decay import tables_of

__all__ = ["ZeroOne"]


@dataclasses.dataclass(frozen=True)
class ZeroOne:
    """Add `- weight * mean of (sigmoid(a) - 0.5)^2` to the validation loss (FairDARTS: Chu et al., 2020).

    It drives every weight towards zero or one.

    Raises:
        ValueError: the weight is negative.
    """

    weight: float = 10.0

    equation: ClassVar[str] = "L_val - weight * mean of (sigmoid(a) - 0.5)^2"

    def __post_init__(self):
        make_plain(self)
        check_numbers(weight=self.weight)

    def curves(self, progress):
        """Return what anneals, by name: nothing."""
        return {}

    def __call__(self, alphas, weights, progress):
        """Return what is added to the validation loss, a scalar; see `BetaDecay`."""
        values = paddle.concat([table.flatten() for table in tables_of(alphas)])
        return -self.weight * (F.sigmoid(values) - 0.5).square().mean()
