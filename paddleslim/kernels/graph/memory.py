"""Addresses for buffers whose lifetimes are known: two that live at the same time do not overlap."""

from __future__ import annotations

import bisect
from typing import Any

__all__ = ["Plan", "pack_intervals"]

ALIGNMENT = 16  # numbers: a line of the cache


class Plan:
    """The lifetimes of buffers, and their addresses.

    Args:
        images: how many images a batch has.

    Attributes:
        addresses: for each buffer whether it is each thread's own, and where it begins.
    """

    def __init__(self, images: int):
        self.images = images
        self.addresses: dict[Any, tuple[bool, int]] = {}
        self._uses: dict[Any, list[int]] = {}  # first level, last level, first and last position at that level

    def use(self, buffer, level: int, position: int) -> None:
        """Note that an instruction at a position of a level works on a buffer; levels and positions ascend."""
        found = self._uses.setdefault(buffer, [level, level, position, position])
        found[1], found[3] = level, position

    def place(self) -> tuple[int, int]:
        """Set all addresses; return the length of what threads share, and of what each needs for itself."""
        shared: list[tuple] = []
        own: dict[int, list[tuple]] = {}
        for buffer, (first, last, begin, end) in self._uses.items():
            if first == last and first % 2 == 0 and buffer.per_image:
                own.setdefault(first, []).append((begin, end, buffer.numbers, buffer))
            else:
                numbers = buffer.numbers * (self.images if buffer.per_image else 1)
                shared.append((first, last, numbers, buffer))
        largest = 0
        for intervals in own.values():
            placed, length = pack_intervals(intervals)
            self.addresses.update((buffer, (True, address)) for buffer, address in placed)
            largest = max(largest, length)
        placed, length = pack_intervals(shared)
        self.addresses.update((buffer, (False, address)) for buffer, address in placed)
        return length, largest


def pack_intervals(intervals):
    """Return `[(key, address)]` and the length of memory for intervals (begin, end, numbers, key), both ends included.

    The best fit among the gaps that have become free, in the order in which the intervals begin.
    """
    placed, length = [], 0
    gaps: list[tuple[int, int]] = []  # (address, length), ascending, none next to another
    ending: list[tuple[int, int, int]] = []  # (end, address, length), ascending
    for begin, end, numbers, key in sorted(intervals, key=lambda interval: (interval[0], -interval[2])):
        while ending and ending[0][0] < begin:
            _, address, freed = ending.pop(0)
            add_gap(gaps, address, freed)
        numbers = -(-numbers // ALIGNMENT) * ALIGNMENT
        fitting = [(size, k) for k, (_, size) in enumerate(gaps) if size >= numbers]
        if fitting:
            size, k = min(fitting)
            address = gaps[k][0]
            if size == numbers:
                del gaps[k]
            else:
                gaps[k] = (address + numbers, size - numbers)
        else:
            address = length
            if gaps and sum(gaps[-1]) == length:  # what is free at the end grows
                address = gaps.pop()[0]
            length = address + numbers
        placed.append((key, address))
        bisect.insort(ending, (end, address, numbers))
    return placed, length


def add_gap(gaps, address, length):
    """Add a stretch of free memory to the gaps, joined with those next to it."""
    k = bisect.bisect(gaps, (address, length))
    if k < len(gaps) and address + length == gaps[k][0]:
        length += gaps.pop(k)[1]
    if k and sum(gaps[k - 1]) == address:
        before = gaps.pop(k - 1)
        address, length, k = before[0], before[1] + length, k - 1
    gaps.insert(k, (address, length))
