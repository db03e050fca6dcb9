"""Memory that is used again: Paddle gives large stretches on the CPU back to the system, which clears each new one."""

from __future__ import annotations

import paddle

__all__ = ["Buffers", "buffers"]


class Buffers:
    """Free buffers; all that are free or in use never take more memory than those that were in use at one time.

    Attributes:
        held_bytes: of all that are free or in use.
    """

    def __init__(self):
        self._free: list[paddle.Tensor] = []  # the one given back last is the last
        self._used = self._peak = self.held_bytes = 0

    def take(self, dtype, numbers: int) -> paddle.Tensor:
        """Return a tensor of at least so many numbers, not set to anything."""
        fitting = [(t.shape[0], k) for k, t in enumerate(self._free) if t.dtype == dtype and t.shape[0] >= numbers]
        if fitting:
            buffer = self._free.pop(min(fitting)[1])
            self._used += bytes_of(buffer)
            self._peak = max(self._peak, self._used)
            return buffer
        buffer = paddle.empty([max(numbers, 1)], dtype)
        self._used += bytes_of(buffer)
        self.held_bytes += bytes_of(buffer)
        self._peak = max(self._peak, self._used)
        while self._free and self.held_bytes > self._peak:
            self.held_bytes -= bytes_of(self._free.pop(0))
        return buffer

    def give(self, buffer: paddle.Tensor) -> None:
        """Take a buffer back."""
        self._used -= bytes_of(buffer)
        self._free.append(buffer)

    def clear(self) -> None:
        """Give all that is free to the system."""
        self.held_bytes -= sum(map(bytes_of, self._free))
        self._free.clear()


def bytes_of(buffer) -> int:
    return buffer.shape[0] * buffer.element_size()


buffers = Buffers()
