"""Memory that is used again: Paddle gives large stretches on the CPU back to the system, which clears each new one."""

from __future__ import annotations

import bisect
import ctypes
import itertools
from functools import cache
from typing import Any

import paddle

__all__ = ["Buffers", "buffers", "give_back_memory"]


class Buffers:
    """Free buffers; all that are free or in use never take more memory than those that were in use at one time.

    Attributes:
        held_bytes: of all that are free or in use.
    """

    def __init__(self):
        self._free: dict[Any, list[tuple[int, int, paddle.Tensor]]] = {}  # by type: numbers, when given back, buffer
        self._turns = itertools.count()
        self._used = self._peak = self.held_bytes = 0

    def take(self, dtype, numbers: int) -> paddle.Tensor:
        """Return a tensor of at least so many numbers, not set to anything."""
        free = self._free.setdefault(dtype, [])
        at = bisect.bisect_left(free, (numbers,))  # a network of many small programs has thousands
        if at < len(free):
            buffer = free.pop(at)[2]
            self._used += bytes_of(buffer)
            self._peak = max(self._peak, self._used)
            return buffer
        buffer = paddle.empty([max(numbers, 1)], dtype)
        self._used += bytes_of(buffer)
        self.held_bytes += bytes_of(buffer)
        self._peak = max(self._peak, self._used)
        while any(self._free.values()) and self.held_bytes > self._peak:
            oldest = min(
                (kept for kept in self._free.values() if kept), key=lambda kept: min(turn for _, turn, _ in kept)
            )
            first = min(range(len(oldest)), key=lambda k: oldest[k][1])
            self.held_bytes -= bytes_of(oldest.pop(first)[2])
        return buffer

    def give(self, buffer: paddle.Tensor) -> None:
        """Take a buffer back."""
        self._used -= bytes_of(buffer)
        bisect.insort(self._free.setdefault(buffer.dtype, []), (buffer.shape[0], next(self._turns), buffer))

    def clear(self) -> None:
        """Give all that is free to the system."""
        self.held_bytes -= sum(bytes_of(buffer) for kept in self._free.values() for _, _, buffer in kept)
        self._free.clear()


def bytes_of(buffer) -> int:
    return buffer.shape[0] * buffer.element_size()


buffers = Buffers()


def give_back_memory() -> None:
    """Give to the system what is free of the buffers, and of what many small tensors have left in the C library."""
    buffers.clear()
    trim = trim_of_library()
    if trim is not None:
        trim(0)


@cache
def trim_of_library():
    """Return glibc's `malloc_trim`, None where the C library is another one."""
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
