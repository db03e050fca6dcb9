"""Convolution and 3x3 pooling, by the kernels where they can and by Paddle's operators elsewhere."""

from __future__ import annotations

from functools import cache

from paddle.nn import functional as F

from .choice import check_floats, usable

__all__ = ["avg_pool2d", "conv2d", "depthwise_conv2d", "max_pool2d"]


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Return the convolution of x.

    The kernels know depthwise ones and those of one group, of square windows, strides and dilations; others go to
    Paddle's operator.

    Args:
        x: `[N, C, H, W]`.
        weight: `[O, C / groups, K, K]`.
        bias: `[O]`, or None.
        stride, padding, dilation, groups: as of `paddle.nn.functional.conv2d`.

    Returns:
        `[N, O, H', W']`, of x's type.
    """
    check_floats(x, "conv2d", axes=4)
    check_floats(weight, "conv2d", axes=4)
    outputs, per_group, height, width = weight.shape
    around, channels = borders(padding), x.shape[1]
    known = square(stride), square(dilation), around
    single = groups == 1 and per_group == channels
    depthwise = 1 < groups == channels == outputs and per_group == 1
    size = height if height == width else 0
    if None in known or not (single or depthwise) or not size or not usable(x, weight):
        return F.conv2d(x, weight, bias, stride, padding, dilation, groups)
    if single and max(around) > known[1] * (size - 1):  # the gradient's border would be negative
        return F.conv2d(x, weight, bias, stride, padding, dilation, groups)
    from .graph.function import apply  # needs numba, and a moment to load it

    out = apply(conv2d_graph(channels, outputs, size, known[0], around, known[1], groups), [x, weight], False)[0]
    return out if bias is None else out + bias.reshape([1, -1, 1, 1])


@cache
def conv2d_graph(channels, outputs, size, stride, padding, dilation, groups):
    """Return the graph of a convolution, of tensors (x, weight)."""
    from .graph.graph import Graph, Parameter
    from .graph.operators.basic import Image
    from .graph.parts import conv2d

    graph = Graph()
    x, weight = graph.add(Image(graph.tensor(), channels)), Parameter(graph.tensor())
    graph.outputs.append(conv2d(graph, x, weight, outputs, size, stride, padding, dilation, groups))
    return graph


def depthwise_conv2d(x, weight, stride=1, padding=0, dilation=1):
    """Return the convolution of every channel with a kernel of its own, without bias.

    Args:
        x: `[N, C, H, W]`.
        weight: `[C, 1, K, K]`, as of `paddle.nn.Conv2D` with groups=C; other shapes go to Paddle's operator.
        stride, padding, dilation: as of `paddle.nn.functional.conv2d`.

    Returns:
        `[N, C, H', W']`, of x's type.
    """
    check_floats(x, "depthwise_conv2d", axes=4)
    return conv2d(x, weight, None, stride, padding, dilation, groups=x.shape[1])


def max_pool2d(x, stride=1):
    """Return the largest number of every 3x3 window of x `[N, C, H, W]`, in a border of one pixel."""
    return pool(x, stride, "max", F.max_pool2d)


def avg_pool2d(x, stride=1):
    """Return the mean of every 3x3 window of x `[N, C, H, W]`; the border of one pixel does not count."""
    return pool(x, stride, "average", F.avg_pool2d)


def pool(x, stride, kind, operator):
    """Return a pooling by the kernels, or else by `operator`."""
    check_floats(x, operator.__name__, axes=4)
    if usable(x):
        from .graph.function import apply

        return apply(pool_graph(x.shape[1], kind, stride), [x], False)[0]
    return operator(x, 3, stride, 1)


@cache
def pool_graph(channels, kind, stride):
    """Return the graph of a pooling, of one tensor."""
    from .graph.graph import Graph
    from .graph.operators.basic import Image
    from .graph.operators.pooling import Pool

    graph = Graph()
    graph.outputs.append(graph.add(Pool(kind, 3, stride, 1), graph.add(Image(graph.tensor(), channels))))
    return graph


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
