"""A skip connection on every edge beside its operations, as DARTS- has it (Chu et al., 2021)."""

from __future__ import annotations

import paddle

from .cell_shape import AUXILIARY_SKIP

__all__ = ["fit_columns", "with_auxiliary_skip"]


def with_auxiliary_skip(edges):
    """Return the operations of each edge and the auxiliary skip connection behind them.

    It is the identity where the edge has stride 1, and a factorised reduction of its own where it has stride 2.
    """
    return tuple((*names, AUXILIARY_SKIP) for names in edges)


def fit_columns(weights, columns):
    """Return weights `[edges, columns]`: the auxiliary skip connection weighs nothing where a mixture has none.

    Raises:
        ValueError: the mixture has a column for an auxiliary skip connection, and the supernet has none.
    """
    missing = columns - weights.shape[1]
    if missing < 0:
        raise ValueError(
            "the mixture weighs an auxiliary skip connection (DARTS-) and the supernet has none: build it with "
            "auxiliary_skip=True"
        )
    if not missing:
        return weights
    return paddle.concat([weights, paddle.zeros([weights.shape[0], missing], weights.dtype)], axis=1)
