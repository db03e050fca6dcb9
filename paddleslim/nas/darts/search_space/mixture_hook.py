"""What a supernet mixes its operations by, unless a search replaces it."""

from __future__ import annotations

import paddle
from paddle.nn import functional

__all__ = ["softmax_mixture"]


def softmax_mixture(alphas: paddle.Tensor, index: int) -> paddle.Tensor:
    """Return the weights of the operations, softmax(alphas), `[edges, operations]`.

    A search with another mixture puts a function of the same arguments in the place of the supernet's `mixture`.

    Args:
        alphas: `[edges, operations]`.
        index: which of the supernet's tables of alphas this is: 0 for normal cells, 1 for reduction cells.
    """
    return functional.softmax(alphas)
