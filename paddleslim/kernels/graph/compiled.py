"""A graph compiled for some sizes: its programs, and running them."""

from __future__ import annotations

import contextlib
import gc
from functools import lru_cache
from math import prod

import paddle

from ..buffers import buffers
from ..choice import address_of
from ..executor import CompiledProgram
from .graph import Graph
from .lowering import Backward, Forward, Setting

__all__ = ["CompiledGraph", "compiled"]


class CompiledGraph:
    """The programs of a graph for images of some sizes.

    Args:
        graph: what to compute.
        setting: sizes, and whether in training.
        wanted: numbers of the tensors whose gradients are wanted; none if it is empty.
        dtype: 'float32' or 'float64'.

    Attributes:
        saved_numbers: length of what the backward program needs of the forward one.
        covered: for each tensor how many numbers of its gradient the backward program writes, None for all.
    """

    def __init__(self, graph: Graph, setting: Setting, wanted: frozenset[int], dtype: str):
        forward = Forward(graph, setting)
        backward = Backward(forward, wanted) if wanted else None
        self.wanted, self.saved_numbers = wanted, forward.saved_numbers()
        self.covered = backward.covered if backward else {}
        self._outputs = [[setting.images, *forward.shapes[node]] for node in graph.outputs]
        self._tensors, tensors = graph.tensors, 1 + 2 * graph.tensors + len(graph.outputs)
        self._ones = max([forward.channel_stride(node.number) for node in graph.nodes])
        programs = [
            CompiledProgram(lowering.schedule.program(setting.images, tensors, self.saved_numbers), dtype)
            for lowering in (forward, backward)
            if lowering
        ]
        self._forward, self._backward = programs[0], programs[-1]
        self._unmoved: CompiledProgram | None = None

    def forward(self, tensors, saved, move: bool = True):
        """Return the outputs and fill `saved`; running statistics keep their values unless `move`."""
        program = self._forward
        if not move:
            self._unmoved = self._unmoved or program.without("move_running")
            program = self._unmoved
        outputs = [paddle.empty(shape, tensors[0].dtype) for shape in self._outputs]
        self._run(program, tensors, outputs, [None] * self._tensors, saved)
        return outputs

    def backward(self, tensors, gradients, saved):
        """Return the gradients of the tensors, None where they are not wanted, from those of the outputs."""
        found = [self._empty(k, tensor) if k in self.wanted else None for k, tensor in enumerate(tensors)]
        self._run(self._backward, tensors, gradients, found, saved)
        return found

    def _empty(self, k, tensor):
        whole = self.covered[k] is None or self.covered[k] == prod(tensor.shape)
        return paddle.empty_like(tensor) if whole else paddle.zeros_like(tensor)

    def _run(self, program, tensors, outputs, gradients, saved):
        dtype = tensors[0].dtype
        working = [buffers.take(dtype, numbers) for numbers in program.buffer_sizes[1:]]
        operands = [ones(dtype, self._ones), *tensors, *outputs, *gradients, saved, *working]
        program([0 if tensor is None else address_of(tensor, dtype) for tensor in operands])
        for buffer in working:
            buffers.give(buffer)


@lru_cache(maxsize=16)
def ones(dtype, numbers: int):
    """Return a vector of ones."""
    return paddle.ones([numbers], dtype)


@lru_cache(maxsize=256)
def compiled(graph: Graph, setting: Setting, wanted: frozenset[int], dtype: str) -> CompiledGraph:
    """Return a graph compiled for some sizes; the last 256 are kept."""
    with no_collection():
        return CompiledGraph(graph, setting, wanted, dtype)


@contextlib.contextmanager
def no_collection():
    """Keep the garbage collector from looking through all objects of a process while thousands are made."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
