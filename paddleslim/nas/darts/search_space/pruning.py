"""Tables of alphas of which some operations were pruned (DrNAS's second stage: Chen et al., 2021)."""

from __future__ import annotations

import numpy as np
import paddle
from paddle.nn import functional

__all__ = ["PRUNED", "all_columns", "kept_columns", "restored_columns", "strongest_columns"]

PRUNED = -1e4  # alpha of an operation that is left out: no mixture gives it any strength


def strongest_columns(strengths, count, names):
    """Return for each edge the columns of its `count` strongest operations, ascending; 'none' goes first.

    Args:
        strengths: array `[edges, operations]`; of equals the earlier ones are kept.
        count: how many to keep; all if there are no more.
        names: of the operations of each edge.
    """
    found = []
    for row, own in zip(strengths, names):
        values = [-np.inf if name == "none" else value for value, name in zip(row, own)]
        best = sorted(range(len(values)), key=lambda column: -values[column])[:count]
        found.append(tuple(sorted(best)))
    return tuple(found)


def all_columns(names):
    """Return every column of the operations of each edge."""
    return tuple(tuple(range(len(of_edge))) for of_edge in names)


def selector(columns, operations, dtype):
    """Return `[edges, kept, operations]`, one where a kept column is the operation."""
    return functional.one_hot(paddle.to_tensor(np.array(columns, "int64")), operations).astype(dtype)


def kept_columns(alphas, columns):
    """Return the alphas of the operations that were kept, `[edges, kept]`; all of them if `columns` is None."""
    if columns is None:
        return alphas
    # -1e4 times zero is zero, so each sum is one number
    return (alphas.unsqueeze(1) * selector(columns, alphas.shape[1], alphas.dtype)).sum(axis=2)


def restored_columns(weights, columns, operations):
    """Return weights `[edges, operations]` that are zero where an operation was pruned; see `kept_columns`."""
    if columns is None:
        return weights
    count = len(columns[0])
    own = (weights[:, :count].unsqueeze(2) * selector(columns, operations, weights.dtype)).sum(axis=1)
    return own if weights.shape[1] == count else paddle.concat([own, weights[:, count:]], axis=1)
