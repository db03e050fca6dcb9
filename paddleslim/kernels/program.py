"""Writing programs for `executor.run`: instructions, the addresses of their operands, and the phases they run in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["OPERANDS", "ROW", "Operand", "Program"]

# a row of the table: the kernel; for each operand a buffer, an offset and a stride; plain integers
OPERANDS, INTEGERS = 6, 10
ROW = 1 + 3 * OPERANDS + INTEGERS
ZEROS = [0] * ROW


class Operand(NamedTuple):
    """The address of an operand: `offset` numbers into a buffer, and `stride` more for each image before."""

    buffer: int
    offset: int = 0
    stride: int = 0

    def at(self, distance: int) -> Operand:
        """Return the address `distance` numbers further."""
        return self._replace(offset=self.offset + distance)


class Program:
    """A program under construction.

    Args:
        images: how many images a batch has.
        tensors: how many tensors it works on; they are its first buffers.
    """

    def __init__(self, images: int, tensors: int):
        self.images, self.tensors = images, tensors
        self.buffers: list[int] = []  # length of each buffer behind the tensors, in numbers
        self._codes: dict[object, int] = {None: -1}  # of kernels, in the order of their first use
        self._of_threads: list[int] = []  # buffers of which each thread has its own
        self._rows: list[list[int]] = []
        self._phases: list[tuple[int, int, int]] = []

    @property
    def kernels(self) -> list[object]:
        """The kernels, in the order of their first use."""
        return [kernel for kernel in self._codes if kernel is not None]

    def add_buffer(self, numbers: int, per_thread: bool = False) -> int:
        """Return the number of a new buffer of so many numbers; with `per_thread` every thread gets its own."""
        if per_thread:
            self._of_threads.append(len(self.buffers))
        self.buffers.append(-(-numbers // 16) * 16)
        return self.tensors + len(self.buffers) - 1

    def phase(self, by_images: bool) -> None:
        """Begin a phase, by images or by instructions."""
        self._phases.append((len(self._rows), len(self._rows), int(by_images)))

    def emit(self, kernel: object, operands: tuple[Operand, ...], *integers: int) -> None:
        """Append an instruction to the phase that was begun last; `kernel` None makes a term of the one before."""
        row = [self._codes.setdefault(kernel, len(self._codes) - 1)]
        for operand in operands:
            row += operand
        row += ZEROS[: 1 + 3 * OPERANDS - len(row)]
        row += integers
        self._rows.append(row + ZEROS[: ROW - len(row)])
        begin, _, by_images = self._phases[-1]
        self._phases[-1] = (begin, len(self._rows), by_images)

    def tables(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the phases `[phases, 3]` and the instructions `[rows, ROW]`, int64."""
        return np.array(self._phases, np.int64).reshape(-1, 3), np.array(self._rows, np.int64).reshape(-1, ROW)

    def thread_strides(self) -> np.ndarray:
        """Return for each buffer how many numbers lie between those of two threads; 0 where they share one."""
        strides = np.zeros(self.tensors + len(self.buffers), np.int64)
        for k in self._of_threads:
            strides[self.tensors + k] = self.buffers[k]
        return strides
