"""Pooling over the spatial axes, as `Pool2D`, `pool2d` and `pool3d` have it."""

from __future__ import annotations

from paddle.nn import functional as F

from .._variable import fluid_function

__all__ = ["pool"]

MAXIMA = {2: F.max_pool2d, 3: F.max_pool3d}
AVERAGES = {2: F.avg_pool2d, 3: F.avg_pool3d}


@fluid_function
def pool(x, pool_type, size, stride, padding, global_pooling=False, ceil_mode=False, exclusive=True):
    """Return the maxima or averages of the windows; of all space where `global_pooling` is True.

    Args:
        x: [N, C, *space].
        pool_type: 'max' or 'avg'.
        size, stride, padding: one number for each spatial axis.
        ceil_mode: count a last, incomplete window.
        exclusive: leave padding out of the averages.

    Raises:
        ValueError: there is no such `pool_type`.
    """
    if pool_type not in ("max", "avg"):
        raise ValueError(f"pool_type must be 'max' or 'avg', got {pool_type!r}")
    dimensions = x.ndim - 2
    if global_pooling:
        size, stride, padding = list(x.shape[2:]), [1] * dimensions, 0
    if pool_type == "max":
        return MAXIMA[dimensions](x, size, stride, padding, ceil_mode=ceil_mode)
    if ceil_mode and not exclusive:
        # The whole window counts, also where it reaches beyond the padding, which Paddle would not count.
        x, padding, ceil_mode = pad_whole_windows(x, size, stride, padding), 0, False
    return AVERAGES[dimensions](x, size, stride, padding, ceil_mode=ceil_mode, exclusive=exclusive)


def pad_whole_windows(x, size, stride, padding):
    """Return x with zeros around it, such that the last window of each axis ends inside."""
    paddings: list[int] = []
    for length, k, step, before in zip(x.shape[2:], size, stride, padding):
        windows = -(-(length + 2 * before - k) // step) + 1
        paddings = [before, (windows - 1) * step + k - length - before] + paddings
    return F.pad(x, paddings, data_format={2: "NCHW", 3: "NCDHW"}[x.ndim - 2])
