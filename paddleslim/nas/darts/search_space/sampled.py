"""Cells of which a mixture weighs one operation an edge: the kernels compute that one alone."""

from __future__ import annotations

import numpy as np
import paddle

__all__ = ["live_operations"]


def live_operations(weights, operations, zeros_have_no_gradient=False):
    """Return for each edge the columns of what is to be computed, as a tuple of tuples; None to compute everything.

    A mixture that draws one operation an edge (GDAS) has weights of exactly zero for the others. These are left out on
    the CPU, in both directions, where an edge has one operation at most beside an auxiliary skip connection. What is
    left out has a gradient of zero, and its norms keep their running statistics.

    Args:
        weights: `[edges, columns]`.
        operations: how many of the columns are operations; there may be an auxiliary skip connection behind them.
        zeros_have_no_gradient: whether the mixture does not use the gradient of a weight of zero. Without it only
            weights that are constants are looked at.
    """
    constant = weights.stop_gradient or not paddle.is_grad_enabled()
    if not (constant or zeros_have_no_gradient) or not weights.place.is_cpu_place():
        return None
    live = weights.numpy() != 0
    if live[:, :operations].sum(axis=1).max() > 1:
        return None
    return tuple(tuple(np.flatnonzero(row).tolist()) for row in live)
