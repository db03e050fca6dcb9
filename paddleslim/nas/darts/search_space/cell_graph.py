"""A cell of the supernet as a graph, edge by edge as the papers draw it; the compiler finds what edges share."""

from __future__ import annotations

from functools import lru_cache
from math import prod

from paddleslim.kernels.graph.graph import Graph, Parameter
from paddleslim.kernels.graph.operators.basic import Image
from paddleslim.kernels.graph.operators.norm import Norm
from paddleslim.kernels.graph.operators.pooling import Pool
from paddleslim.kernels.graph.operators.sums import Sum, Zeros
from paddleslim.kernels.graph.parts import concat, conv2d, factorized_reduction, relu, shuffle, slice_channels

from .cell_shape import CellShape, EdgeOperation, Group
from .cell_tensors import tensors_of

__all__ = ["cell_graph"]


@lru_cache(maxsize=256)
def cell_graph(shape: CellShape, live: tuple[tuple[int, ...], ...] | None = None) -> Graph:
    """Return the graph of a cell.

    Its tensors are the two inputs, the mixture's weights `[edges, operations]`, those of the edges `[edges]` if a state
    has several parts, and what the cell owns in the order of `tensors_of`, a norm as its mean and variance. Of an edge
    there are the operations in its columns `live` alone, all if it is None.
    """
    return CellGraph(shape, live).graph


class CellGraph:
    """A graph under construction: the states of a cell one after the other, each the sum of its edges."""

    def __init__(self, shape: CellShape, live=None):
        self.shape, self.graph, self.live = shape, Graph(short_lived=live is not None), live
        inputs = [self.graph.tensor() for _ in range(2)]
        self.mixture = self.graph.tensor()
        self.edges = self.graph.tensor() if shape.parts > 1 else -1
        self._own()
        states = [self.preprocess(k, tensor) for k, tensor in enumerate(inputs)]
        for target in range(2, shape.steps + 2):
            states.append(self.state(target, states))
        self.graph.outputs.append(concat(self.graph, states[-shape.multiplier :]))

    def _own(self) -> None:
        """Number the tensors that the cell owns; find in them what the per-edge layout has for each edge."""
        self.parameters, self.graph.tensors = number_parameters(self.shape, self.graph.tensors)

    def norm(self, x: int, name: str) -> int:
        """Return a norm by its name in the per-edge layout."""
        return self.graph.add(Norm(self.parameters[f"{name}._mean"], self.parameters[f"{name}._variance"]), x)

    def preprocess(self, k: int, tensor: int) -> int:
        """Return an input after ReLU, pointwise convolution and norm, halved if it is twice as large."""
        x, c = relu(self.graph, self.graph.add(Image(tensor, self.shape.channels_before[k]))), self.shape.channels
        name = f"preprocess{k}."
        if name + "conv.weight" in self.parameters:
            x = conv2d(self.graph, x, self.parameters[name + "conv.weight"], c, 1)
        else:
            x = factorized_reduction(self.graph, x, *self.halves(name), c)
        return self.norm(x, name + "bn")

    def halves(self, prefix: str) -> tuple[Parameter, Parameter]:
        """Return the two weights of a factorized reduction."""
        return self.parameters[prefix + "conv1.weight"], self.parameters[prefix + "conv2.weight"]

    def state(self, target: int, states: list[int]) -> int:
        """Return the sum of all edges into a state; of several parts the first is this sum, the others pass by."""
        shape, graph = self.shape, self.graph
        terms, factors, columns = [], [], max(map(len, shape.edges))
        passing, of_edges = [], []
        for source, x in enumerate(states[:target]):
            edge = next(edge for edge, end in shape.edges_from(source) if end == target)
            if shape.parts > 1:
                passing.append(graph.add(Pool("max", 2, 2, 0, ceil=True), x) if shape.stride(source) == 2 else x)
                of_edges.append(Parameter(self.edges, edge))
                x = slice_channels(graph, x, 0, shape.mixed_channels)
            for group in shape.groups(source):
                for on_edge in group.edge_operations:
                    if on_edge.target == target and (self.live is None or on_edge.column in self.live[edge]):
                        terms.append(self.operation(x, group, on_edge))
                        factors.append(Parameter(self.mixture, edge * columns + on_edge.column))
        if terms:
            mixed = graph.add(Sum(tuple(factors)), *terms)
        else:
            mixed = graph.add(Zeros(shape.stride(0)), slice_channels(graph, states[0], 0, shape.mixed_channels))
        if shape.parts == 1:
            return mixed
        passed = graph.add(Sum(tuple(of_edges)), *passing)
        parts = [(mixed, 0), *((passed, k * shape.mixed_channels) for k in range(1, shape.parts))]
        return shuffle(graph, parts, shape.mixed_channels)

    def operation(self, x: int, group: Group, on_edge: EdgeOperation) -> int:
        """Return an operation on an edge."""
        graph, c, stride = self.graph, self.shape.mixed_channels, group.stride
        if "pool" in group.name:
            x = graph.add(Pool(group.name[:3].replace("avg", "average"), 3, stride, 1), x)
            return self.norm(x, on_edge.per_edge_name("1"))
        if group.is_reduction:
            x = factorized_reduction(graph, relu(graph, x), *self.halves(on_edge.per_edge_name("")), c)
            return self.norm(x, on_edge.per_edge_name("bn"))
        for conv in group.convolutions():
            padding = (conv.dilation * (conv.size // 2),) * 4
            weight = self.parameters[on_edge.per_edge_name(conv.depthwise)]
            x = conv2d(graph, relu(graph, x), weight, c, conv.size, conv.stride, padding, conv.dilation, groups=c)
            x = conv2d(graph, x, self.parameters[on_edge.per_edge_name(conv.pointwise)], c, 1)
            x = self.norm(x, on_edge.per_edge_name(conv.norm))
        return x


@lru_cache(maxsize=256)
def number_parameters(shape: CellShape, first: int) -> tuple[dict[str, Parameter], int]:
    """Return what the per-edge layout has for each edge in the tensors of a cell, numbered from `first`; and the next.

    It is the same for all samples of a mixture that draws operations.
    """
    parameters: dict[str, Parameter] = {}
    tensor = first
    for name, owned in tensors_of(shape).items():
        length = prod(owned.shape) // len(owned.parts)
        for kind in ("",) if name.endswith("weight") else ("._mean", "._variance"):
            for k, paths in enumerate(owned.parts):
                parameters.update((path + kind, Parameter(tensor, k * length)) for path in paths)
            tensor += 1
    return parameters, tensor
