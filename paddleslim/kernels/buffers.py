"""Memory that is used again: Paddle gives large stretches on the CPU back to the system, which clears each new one."""

from __future__ import annotations

import collections

import paddle

__all__ = ["Buffers", "buffers"]


class Buffers:
    """Stretches of memory that are free, by purpose."""

    def __init__(self):
        self._free: dict[tuple, list] = collections.defaultdict(list)

    def take(self, purpose, dtype, numbers: int) -> paddle.Tensor:
        """Return a tensor of at least so many numbers, not set to anything; those of other purposes stay free."""
        free = self._free[purpose, dtype]
        if free:
            buffer = free.pop()
            if buffer.shape[0] >= numbers:
                return buffer
        return paddle.empty([max(numbers, 1)], dtype)

    def give(self, purpose, buffer: paddle.Tensor) -> None:
        """Take a buffer back."""
        self._free[purpose, buffer.dtype].append(buffer)

    def clear(self) -> None:
        """Give all that is free to the system."""
        self._free.clear()


buffers = Buffers()
