"""A running mean."""

from __future__ import annotations

from typing import Any

__all__ = ["AvgrageMeter"]


class AvgrageMeter:
    """The running mean of a quantity, weighed by how many samples each value stands for.

    The name is spelled as PaddleSlim spelled it. Values may be numbers or tensors; tensors stay on their
    device, so that `update` never waits for it.

    Example:
        >>> meter = AvgrageMeter()
        >>> meter.update(1.0, n=3)
        >>> meter.update(5.0)
        >>> meter.avg
        2.0
    """

    avg: Any
    sum: Any
    cnt: int

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all values."""
        self.avg = 0
        self.sum = 0
        self.cnt = 0

    def update(self, val: Any, n: int = 1) -> None:
        """Add the mean `val` of `n` samples."""
        self.sum = self.sum + val * n
        self.cnt += n
        self.avg = self.sum / self.cnt
