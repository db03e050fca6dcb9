"""A graph as a function that Paddle can differentiate."""

from __future__ import annotations

from functools import lru_cache

from ..autograd import Function, differentiable
from ..buffers import buffers
from ..choice import name_of
from .compiled import CompiledGraph, compiled
from .graph import Graph
from .lowering import Setting
from .operators.basic import Image

__all__ = ["apply"]


def apply(graph: Graph, tensors, training: bool, recompute: bool = False) -> list:
    """Return a graph's outputs, `[N, channels, H, W]` each.

    Args:
        graph: what to compute.
        tensors: in the order in which the graph numbers them, of one type.
        training: whether norms use the batch's statistics, and move the running ones.
        recompute: whether the backward pass computes the graph again instead of keeping what it needs.
    """
    return differentiable(GraphFunction(graph, training, recompute), tensors)


@lru_cache(maxsize=256)
def tensors_of_images(graph: Graph) -> tuple[int, ...]:
    """Return the numbers of the tensors that are images."""
    return tuple(node.operator.tensor for node in graph.nodes if isinstance(node.operator, Image))


class GraphFunction(Function):
    """The function of a graph's tensors."""

    def __init__(self, graph: Graph, training: bool, recompute: bool):
        self.graph, self.training, self.recompute = graph, training, recompute
        self._found: CompiledGraph | None = None

    def _compiled(self, inputs, wanted):
        self._found = self._found or self._compile(inputs, wanted)
        return self._found

    def _compile(self, inputs, wanted):
        images = tensors_of_images(self.graph)
        sizes = tuple((k, tuple(inputs[k].shape[2:])) for k in images)
        batch = inputs[images[0]].shape[0]
        of_gradients = frozenset(k for k, flag in enumerate(wanted) if flag)
        if self.graph.short_lived and of_gradients:
            of_gradients = frozenset(range(self.graph.tensors))
        return compiled(self.graph, Setting(batch, sizes, self.training), of_gradients, name_of(inputs[0].dtype))

    def forward(self, inputs, wanted):
        found = self._compiled(inputs, wanted)
        saved = buffers.take(name_of(inputs[0].dtype), found.saved_numbers)
        outputs = found.forward(inputs, saved)
        if any(wanted) and not self.recompute:
            return outputs, saved
        buffers.give(saved)
        return outputs, None

    def backward(self, inputs, saved, gradients, wanted):
        found = self._compiled(inputs, wanted)
        if saved is None:
            saved = buffers.take(name_of(inputs[0].dtype), found.saved_numbers)
            found.forward(inputs, saved, move=False)
        own = frozenset(k for k, flag in enumerate(wanted) if flag) if self.graph.short_lived else None
        results = found.backward(inputs, gradients, saved, own)
        buffers.give(saved)
        return results

    def reads(self, inputs, saved, wanted):
        return self._compiled(inputs, wanted).reads(again=saved is None)
