"""A graph compiled for some sizes: its programs, and running them."""

from __future__ import annotations

import contextlib
import gc
from functools import lru_cache
from math import prod

import paddle

from ..buffers import buffers
from ..choice import addresses_of, pointers_to
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
        forward = Forward(graph, setting, differentiated=bool(wanted))
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
        read = (backward or forward).schedule.tensors_read()
        of_both = read | forward.schedule.tensors_read(without="move_running")
        # of the schedules, thousands of objects, no more is kept: the garbage collector looks at what there is
        self._reads = [frozenset(k - 1 for k in own if 0 < k <= graph.tensors) for own in (read, of_both)]
        self._schedule = backward.schedule if backward and graph.short_lived else None
        self._first = 1 + graph.tensors + len(graph.outputs)  # of the gradients among the tensors of the program
        self._restricted: dict[frozenset[int], tuple[CompiledProgram, frozenset[int]]] = {}
        self._unmoved: CompiledProgram | None = None

    def forward(self, tensors, saved, move: bool = True):
        """Return the outputs and fill `saved`; running statistics keep their values unless `move`."""
        program = self._forward
        if not move:
            self._unmoved = self._unmoved or program.without("move_running")
            program = self._unmoved
        dtype = tensors[0].dtype
        addresses = addresses_of(tensors, dtype)
        outputs = [paddle.empty(shape, dtype) for shape in self._outputs]
        self._run(program, dtype, [*addresses, *pointers_to(outputs), *[0] * self._tensors], saved)
        return outputs

    def backward(self, tensors, gradients, saved, wanted=None):
        """Return the gradients of the tensors of `forward`, None where not wanted, from those of the outputs.

        `wanted` are the numbers of some of the tensors that the graph was compiled for; all of these if it is None.
        """
        wanted = self.wanted if wanted is None else wanted
        program, touched = self._for(wanted)
        found = [self._empty(k, tensor) if k in touched else None for k, tensor in enumerate(tensors)]
        dtype = tensors[0].dtype
        addresses = [*pointers_to(tensors), *addresses_of(gradients, dtype)]
        addresses += [0 if gradient is None else gradient.data_ptr() or 0 for gradient in found]
        self._run(program, dtype, addresses, saved)
        return [gradient if k in wanted else None for k, gradient in enumerate(found)]

    def reads(self, again: bool) -> frozenset[int]:
        """Return which tensors the backward program reads; and the forward one's but statistics, if that runs again."""
        return self._reads[again]

    def _for(self, wanted):
        """Return the backward program for some of the gradients, and the tensors whose gradients it writes."""
        if wanted == self.wanted or self._schedule is None:
            return self._backward, self.wanted
        if wanted not in self._restricted:
            rows, touched = self._schedule.rows_for(frozenset(self._first + k for k in wanted))
            own = frozenset(k - self._first for k in touched if k >= self._first)
            self._restricted[wanted] = self._backward.restricted(rows), own | wanted
        return self._restricted[wanted]

    def _empty(self, k, tensor):
        whole = self.covered[k] is None or self.covered[k] == prod(tensor.shape)
        return paddle.empty_like(tensor) if whole else paddle.zeros_like(tensor)

    def _run(self, program, dtype, addresses, saved):
        """Run a program on tensors, outputs and gradients at these addresses."""
        working = [buffers.take(saved.dtype, numbers) for numbers in program.buffer_sizes[1:]]
        own = [buffer.ctypes.data for buffer in (saved, *working)]
        program([*pointers_to([ones(dtype, self._ones)]), *addresses, *own])
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
