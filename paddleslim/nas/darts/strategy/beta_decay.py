"""The regulariser of beta-DARTS (Ye et al., 2022)."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import paddle

from .annealing import check_range, linear, make_plain

__all__ = ["BetaDecay", "tables_of"]


@dataclasses.dataclass(frozen=True)
class BetaDecay:
    """Add `lambda * mean over edges of logsumexp(a)` to the validation loss (Ye et al., 2022).

    Its gradient is lambda softmax(a) / edges: what weighs much is lowered most, which keeps the weights of an edge
    alike.

    Attributes:
        rate: lambda at the start and at the end of the search, linear in the epochs.

    Raises:
        ValueError: a lambda is negative.
    """

    rate: tuple = (0.0, 50.0)

    equation: ClassVar[str] = "L_val + lambda * mean over edges of logsumexp(a)"

    def __post_init__(self):
        make_plain(self)
        check_range(rate=self.rate)

    def curves(self, progress):
        """Return what anneals, by name."""
        return {"lambda": linear(self.rate, progress)}

    def __call__(self, alphas, weights, progress):
        """Return what is added to the validation loss, a scalar.

        Args:
            alphas: list of tensors; those of `[edges, operations]` count.
            weights: list of `[edges, operations]`, what the operations are mixed by.
            progress: a `Progress`.
        """
        of_edges = paddle.concat([table.logsumexp(axis=1) for table in tables_of(alphas)])
        return linear(self.rate, progress) * of_edges.mean()


def tables_of(alphas):
    """Return the alphas that are `[edges, operations]`; PC-DARTS has weights of edges besides."""
    return [alpha for alpha in alphas if alpha.ndim == 2]
