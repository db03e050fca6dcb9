"""Memory that is used again: Paddle gives large stretches on the CPU back to the system, which clears each new one.

It is numpy's, which asks Linux for huge pages where an array is large: the processor then finds the address of a page
sooner, of which a search reads hundreds of megabytes a step.
"""

from __future__ import annotations

import bisect
import ctypes
import itertools
from functools import cache
from typing import Any

import numpy as np

__all__ = ["Buffers", "buffers", "give_back_memory"]


LINE = 64  # bytes: a vector that lies in two lines of the cache takes two reads


class Buffers:
    """Free buffers; all that are free or in use never take more memory than those that were in use at one time.

    Attributes:
        held_bytes: of all that are free or in use.
    """

    def __init__(self):
        self._free: dict[Any, list[tuple[int, int, np.ndarray]]] = {}  # by type: numbers, when given back, buffer
        self._turns = itertools.count()
        self._used = self._peak = self.held_bytes = 0

    def take(self, dtype: str | np.dtype, numbers: int) -> np.ndarray:
        """Return an array of at least so many numbers, 'float32' or 'float64', not set to anything."""
        free = self._free.setdefault(np.dtype(dtype), [])
        at = bisect.bisect_left(free, (numbers,))  # a network of many small programs has thousands
        if at < len(free):
            buffer = free.pop(at)[2]
            self._used += buffer.nbytes
            self._peak = max(self._peak, self._used)
            return buffer
        buffer = aligned(max(numbers, 1), np.dtype(dtype))
        self._used += buffer.nbytes
        self.held_bytes += buffer.nbytes
        self._peak = max(self._peak, self._used)
        while any(self._free.values()) and self.held_bytes > self._peak:
            oldest = min(
                (kept for kept in self._free.values() if kept), key=lambda kept: min(turn for _, turn, _ in kept)
            )
            first = min(range(len(oldest)), key=lambda k: oldest[k][1])
            self.held_bytes -= oldest.pop(first)[2].nbytes
        return buffer

    def give(self, buffer: np.ndarray) -> None:
        """Take a buffer back."""
        self._used -= buffer.nbytes
        bisect.insort(self._free.setdefault(buffer.dtype, []), (buffer.size, next(self._turns), buffer))

    def clear(self) -> None:
        """Give all that is free to the system."""
        self.held_bytes -= sum(buffer.nbytes for kept in self._free.values() for _, _, buffer in kept)
        self._free.clear()


def aligned(numbers: int, dtype: np.dtype) -> np.ndarray:
    """Return an array of so many numbers that begins with a line of the cache."""
    memory = np.empty(numbers * dtype.itemsize + LINE, np.uint8)
    first = -memory.ctypes.data % LINE
    return memory[first : first + numbers * dtype.itemsize].view(dtype)


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
