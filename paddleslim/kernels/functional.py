"""Convolution and 3x3 pooling, by the kernels where they can and by Paddle's operators elsewhere."""

from __future__ import annotations

from paddle.nn import functional as F

from .choice import usable

__all__ = ["avg_pool2d", "conv2d", "depthwise_conv2d", "max_pool2d"]


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Return the convolution of x.

    The kernels know depthwise ones, see `depthwise_conv2d`, and those of one group with stride and dilation 1; others
    go to Paddle's operator.

    Args:
        x: `[N, C, H, W]`.
        weight: `[O, C / groups, K, K]`.
        bias: `[O]`, or None.
        stride, padding, dilation, groups: as of `paddle.nn.functional.conv2d`.

    Returns:
        `[N, O, H', W']`, of x's type.
    """
    size, around, channels = weight.shape[2], borders(padding), x.shape[1]
    plain = (square(stride), square(dilation), groups) == (1, 1, 1) and weight.shape[1:] == [channels, size, size]
    if plain and around and max(around) < size and x.ndim == 4 and usable(x, weight):
        from .dense_images import Convolution
        from .gradients import differentiable

        out = differentiable(Convolution(around), [x, weight])
    elif 1 < groups == channels == weight.shape[0] and usable(x, weight):
        out = depthwise_conv2d(x, weight, stride, padding, dilation)
    else:
        return F.conv2d(x, weight, bias, stride, padding, dilation, groups)
    return out if bias is None else out + bias.reshape([1, -1, 1, 1])


def depthwise_conv2d(x, weight, stride=1, padding=0, dilation=1):
    """Return the convolution of every channel with a kernel of its own, without bias.

    Args:
        x: `[N, C, H, W]`.
        weight: `[C, 1, K, K]`, as of `paddle.nn.Conv2D` with groups=C; other shapes go to Paddle's operator.
        stride, padding, dilation: as of `paddle.nn.functional.conv2d`.

    Returns:
        `[N, C, H', W']`, of x's type.
    """
    geometry = square(stride), borders(padding), square(dilation)
    channels, per_group, height, width = weight.shape
    known = None not in geometry and channels == x.shape[1] and per_group == 1 and height == width
    if known and x.ndim == 4 and usable(x, weight):
        from .gradients import differentiable  # these need numba, and a moment to load it
        from .images import DepthwiseConvolution

        return differentiable(DepthwiseConvolution(*geometry), [x, weight])
    return F.conv2d(x, weight, None, stride, padding, dilation, groups=x.shape[1])


def max_pool2d(x, stride=1):
    """Return the largest number of every 3x3 window of x `[N, C, H, W]`, in a border of one pixel."""
    return pool(x, stride, "max", F.max_pool2d)


def avg_pool2d(x, stride=1):
    """Return the mean of every 3x3 window of x `[N, C, H, W]`; the border of one pixel does not count."""
    return pool(x, stride, "average", F.avg_pool2d)


def pool(x, stride, kind, operator):
    """Return a pooling by the kernels, or else by `operator`."""
    if x.ndim == 4 and usable(x):
        from .gradients import differentiable
        from .images import Pooling

        return differentiable(Pooling(kind, stride), [x])
    return operator(x, 3, stride, 1)


def square(lengths):
    """Return the one number of `lengths`, a number or two equal ones; None if they differ."""
    if isinstance(lengths, int):
        return lengths
    lengths = tuple(lengths)
    return lengths[0] if len(set(lengths)) == 1 else None


def borders(padding):
    """Return (top, bottom, left, right) of a padding of one, two or four numbers; None for anything else."""
    if isinstance(padding, int):
        return (padding,) * 4
    if isinstance(padding, str) or not all(isinstance(number, int) for number in padding):
        return None
    if len(padding) == 2:
        return (padding[0],) * 2 + (padding[1],) * 2
    return tuple(padding) if len(padding) == 4 else None
