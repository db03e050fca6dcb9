"""A cell as one differentiable function, run by the kernels."""

from __future__ import annotations

from functools import cache, lru_cache

import paddle

from paddleslim.kernels.buffers import buffers
from paddleslim.kernels.gradients import Function, differentiable
from paddleslim.kernels.machine import Runnable

from .cell_backward import backward_program
from .cell_forward import forward_program
from .cell_memory import CellMemory
from .cell_shape import CellShape

__all__ = ["cell_by_kernels"]


def cell_by_kernels(shape: CellShape, training: bool, recompute: bool, inputs: list, owned: dict):
    """Return the output `[N, multiplier * channels, H, W]` of a cell; see `cell_by_operators`.

    `inputs` are the two inputs, the mixture's weights and, if the cell has several parts, those of the edges.
    """
    tensors = []
    for layer in owned.values():
        tensors += [layer] if isinstance(layer, paddle.Tensor) else [layer._mean, layer._variance]
    return differentiable(CellFunction(shape, training, recompute), [*inputs, *tensors])


@cache
def one(dtype):
    """Return the tensor that holds a one."""
    return paddle.ones([1], dtype)


class CellFunction(Function):
    """The function of a cell's inputs, see `cell_by_kernels`, and the weights and running statistics it owns.

    Args:
        shape: of the cell.
        training: whether norms use the batch's statistics, and move the running ones.
        recompute: whether to keep nothing for the backward direction but compute the cell again.
    """

    def __init__(self, shape: CellShape, training: bool, recompute: bool = False):
        self.shape, self.training, self.recompute = shape, training, recompute

    def forward(self, inputs):
        memory, program = prepared_forward(*self._key(inputs), True)
        output = paddle.empty(memory.output_shape(), inputs[0].dtype)
        saved = self._take(program, inputs)
        run(program, memory, [*inputs[:2], output, *inputs[2:]], saved)
        return output, saved

    def keep(self, saved):
        if not self.recompute:
            return saved
        self.release(saved)
        return None

    def release(self, saved):
        buffers.give(self._purpose(saved.shape[0]), saved)

    def _take(self, program, inputs):
        """Return a buffer for what a forward program saves."""
        numbers = program.room_sizes[0]
        return buffers.take(self._purpose(numbers), inputs[0].dtype, numbers)

    def _purpose(self, numbers):
        """Return the key of buffers to save in: cells that keep nothing share one."""
        return "recomputed" if self.recompute else numbers

    def backward(self, inputs, saved, gradient, wanted):
        key = self._key(inputs)
        tensors = [*inputs[:2], gradient, *inputs[2:]]
        if saved is None:
            memory, program = prepared_forward(*key, False)
            saved = self._take(program, inputs)
            run(program, memory, [*inputs[:2], paddle.empty_like(gradient), *inputs[2:]], saved)
        first = 3 if self.shape.parts == 1 else 4  # of what the cell owns
        weights = any(wanted[first:])
        memory, program = prepared_backward(*key, weights)
        # no instruction reaches the mixture's weights of 'none'
        found = [paddle.empty_like(x) for x in inputs[:2]] + [paddle.zeros_like(x) for x in inputs[2:first]]
        owned = zip(memory.owned, inputs[first:])
        found += [paddle.empty_like(tensor) if weights and name.endswith("weight") else None for name, tensor in owned]
        run(program, memory, [*tensors, *found[:2], gradient, *found[2:]], saved)
        self.release(saved)
        return found

    def _key(self, inputs):
        images, _, *size0 = inputs[0].shape
        dtype = str(inputs[0].dtype).rpartition(".")[2]
        return self.shape, images, tuple(size0), tuple(inputs[1].shape[2:]), dtype, self.training


@lru_cache(maxsize=64)
def prepared_forward(shape, images, size0, size1, dtype, training, move):
    """Return memory and compiled forward program of a cell for inputs of these sizes."""
    memory = CellMemory(shape, images, (size0, size1))
    return memory, Runnable(forward_program(memory, training, move), dtype)


@lru_cache(maxsize=64)
def prepared_backward(shape, images, size0, size1, dtype, training, weights):
    """Return memory and compiled backward program of a cell for inputs of these sizes."""
    memory, _ = prepared_forward(shape, images, size0, size1, dtype, training, True)
    return memory, Runnable(backward_program(memory, training, weights), dtype)


def run(program, memory, tensors, saved):
    """Run a program on tensors, in the order of `memory.names` behind the first, and on the buffer of what is saved."""
    dtype = tensors[0].dtype
    working = [buffers.take(f"work {k}", dtype, numbers) for k, numbers in enumerate(program.room_sizes[1:])]
    addresses = [0 if tensor is None else tensor.data_ptr() for tensor in (one(dtype), *tensors)]
    addresses += [0] * (len(memory.names) - len(addresses))  # a forward program knows nothing of gradients
    program([*addresses, saved.data_ptr(), *(buffer.data_ptr() for buffer in working)])
    for k, buffer in enumerate(working):
        buffers.give(f"work {k}", buffer)
