"""The regulariser of DrNAS (Chen et al., 2021)."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import paddle
from paddle.nn import functional as F

from .annealing import check_numbers, make_plain
from .beta_decay import tables_of

__all__ = ["DirichletKL"]


@dataclasses.dataclass(frozen=True)
class DirichletKL:
    """Add `weight * sum over edges of KL(Dir(elu(a) + 1) || Dir(1))` to the validation loss (Chen et al., 2021).

    It keeps the distribution near the one in which all mixtures are equally likely.

    Raises:
        ValueError: the weight is negative.
    """

    weight: float = 1e-3

    equation: ClassVar[str] = "L_val + weight * sum over edges of KL(Dir(elu(a) + 1) || Dir(1))"

    def __post_init__(self):
        make_plain(self)
        check_numbers(weight=self.weight)

    def curves(self, progress):
        """Return what anneals, by name: nothing."""
        return {}

    def __call__(self, alphas, weights, progress):
        """Return what is added to the validation loss, a scalar; see `BetaDecay`."""
        return self.weight * paddle.add_n([divergence(table) for table in tables_of(alphas)])


def divergence(alphas):
    """Return the sum over the edges of KL(Dir(c) || Dir(1)), c = elu(a) + 1."""
    c = F.relu(alphas) + paddle.exp(paddle.clip(alphas, max=0.0))
    total, count = c.sum(axis=1, keepdim=True), paddle.to_tensor(float(c.shape[1]), dtype=c.dtype)
    # log Gamma(C) - sum log Gamma(c) - log Gamma(n) + sum (c - 1) (digamma(c) - digamma(C))
    inner = (c - 1) * (paddle.digamma(c) - paddle.digamma(total)) - paddle.lgamma(c)
    return (paddle.lgamma(total) - paddle.lgamma(count)).sum() + inner.sum()
