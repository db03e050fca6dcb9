"""Gradients that hold some rows of a table, as `Embedding(is_sparse=True)` gives them: Paddle's SelectedRows."""

from __future__ import annotations

import numpy as np
import paddle
from paddle.nn import functional as F
from paddle.nn.clip import get_tensor_from_selected_rows, merge_selected_rows

__all__ = ["as_dense", "as_pair", "look_up_sparse"]


def look_up_sparse(numbers, table, padding_idx=None):
    """Return the rows of `table` by their numbers, with a gradient of these rows alone.

    The row of `padding_idx` counts as zero, but as in Paddle 1.8 its gradient is that of any other row.
    """
    rows = F.embedding(numbers, table, sparse=True)
    if padding_idx is None:
        return rows
    padding = (numbers == padding_idx % table.shape[0]).unsqueeze(-1).astype(rows.dtype)
    return rows - (rows * padding).detach()


def as_dense(gradient, table):
    """Return a gradient as a dense tensor like `table`, and the numbers of the rows it held, None where it is dense."""
    if not gradient.is_selected_rows():
        return gradient, None
    merged = merge_selected_rows(gradient)
    numbers = paddle.to_tensor(merged.rows(), "int64")
    values = get_tensor_from_selected_rows(merged)
    return paddle.scatter(paddle.zeros_like(table), numbers, values), numbers


def as_pair(gradient):
    """Return the values and row numbers of a gradient, as arrays."""
    return gradient.numpy(), np.array(gradient.rows())
