"""Parts of networks that graphs are put together from."""

from __future__ import annotations

from .graph import Graph, Parameter
from .operators.basic import Block, Concat, Gather, Relu
from .operators.convolution import Dense, Depthwise, Part, Pointwise

__all__ = ["concat", "conv2d", "factorized_reduction", "pool", "relu", "shuffle", "slice_channels"]


def relu(graph: Graph, x: int) -> int:
    """Return max(x, 0); of a concatenation, the concatenation of its parts'."""
    node = graph.nodes[x]
    if isinstance(node.operator, Concat):
        return concat(graph, [relu(graph, part) for part in node.inputs])
    return graph.add(Relu(), x)


def concat(graph: Graph, parts: list[int]) -> int:
    """Return the channels of all parts, one after the other."""
    return parts[0] if len(parts) == 1 else graph.add(Concat(), *parts)


def pointwise(graph: Graph, x: int, channels: int, matrices, stride: int = 1) -> int:
    """Return the sum of products of matrices with x; a matrix is (weight, outputs, first pixel, first channel).

    A concatenation is not put together in memory: each of its parts is multiplied with its columns.
    """
    node = graph.nodes[x]
    sources = list(node.inputs) if isinstance(node.operator, Concat) else [x]
    parts, inputs, row = [], [], graph.channels[x]
    for weight, outputs, first, column in matrices:
        begin = 0
        for source in sources:
            own, c = weight._replace(offset=weight.offset + begin), graph.channels[source]
            parts.append(Part(own, c, outputs, row, first, column))
            inputs.append(source)
            begin += c
    return graph.add(Pointwise(channels, tuple(parts), stride), *inputs)


def conv2d(
    graph: Graph, x: int, weight: Parameter, outputs, size, stride=1, padding=(0, 0, 0, 0), dilation=1, groups=1
):
    """Return a convolution of one group, or of as many as x has channels; `padding` is (top, below, left, right)."""
    if groups > 1:
        return graph.add(Depthwise(weight, size, stride, padding, dilation), x)
    if size == 1 and not any(padding):
        return pointwise(graph, x, outputs, [(weight, outputs, 0, 0)], stride)
    return graph.add(Dense(weight, size, stride, padding, dilation, outputs), x)


def factorized_reduction(graph: Graph, x: int, even: Parameter, odd: Parameter, outputs: int) -> int:
    """Return two products of every second pixel, side by side: from the first pixel on, and from the next one."""
    half = outputs // 2
    return pointwise(graph, x, outputs, [(even, half, 0, 0), (odd, outputs - half, 1, half)], stride=2)


def slice_channels(graph: Graph, x: int, first: int, channels: int) -> int:
    """Return so many channels of x."""
    return graph.add(Gather(channels, (Block(0, channels, first),)), x)


def pool(graph: Graph, operator, x: int) -> int:
    """Return a pooling or mean; of a concatenation, the concatenation of its parts'."""
    node = graph.nodes[x]
    if isinstance(node.operator, Concat):
        return concat(graph, [pool(graph, operator, part) for part in node.inputs])
    return graph.add(operator, x)


def shuffle(graph: Graph, parts: list[tuple[int, int]], channels: int) -> int:
    """Return the first channel of each part, then the second of each and so on.

    A part is (x, first): so many `channels` of x from `first` on.
    """
    count = len(parts)
    blocks = [Block(k, channels, first, 1, k, count) for k, (_, first) in enumerate(parts)]
    return graph.add(Gather(count * channels, tuple(blocks)), *(x for x, _ in parts))
