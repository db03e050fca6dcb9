"""Writing programs for `machine.run`: instructions, where their operands stand, and the phases they run in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["OPERANDS", "ROW", "Place", "Program"]

# a row of the table: the kernel; for each operand an arena, an offset and a stride; plain integers
OPERANDS, INTEGERS = 6, 10
ROW = 1 + 3 * OPERANDS + INTEGERS


class Place(NamedTuple):
    """Where an operand stands: `offset` numbers into an arena, and `stride` more for each image before."""

    arena: int
    offset: int = 0
    stride: int = 0

    def at(self, distance: int) -> Place:
        """Return the place `distance` numbers further."""
        return self._replace(offset=self.offset + distance)


class Program:
    """A program under construction.

    Args:
        images: how many images a batch has.
        tensors: how many tensors it works on; they are its first arenas.
    """

    def __init__(self, images: int, tensors: int):
        self.images, self.tensors = images, tensors
        self.rooms: list[int] = []  # length of each arena behind the tensors, in numbers
        self.kernels: list[object] = []  # in the order of their first use
        self._own_threads: list[int] = []  # arenas of which each thread has its own
        self._rows: list[tuple[int, ...]] = []
        self._phases: list[tuple[int, int, int]] = []

    def arena(self, per_thread: bool = False) -> int:
        """Return a new arena, empty as yet; with `per_thread` every thread gets its own."""
        if per_thread:
            self._own_threads.append(len(self.rooms))
        self.rooms.append(0)
        return self.tensors + len(self.rooms) - 1

    def room(self, arena: int, numbers: int, per_image: bool = False) -> Place:
        """Return a new place of so many numbers in an arena, or so many for each image."""
        k = arena - self.tensors
        place = Place(arena, self.rooms[k], numbers if per_image else 0)
        self.rooms[k] += -(-numbers * (self.images if per_image else 1) // 16) * 16
        return place

    def phase(self, by_images: bool) -> None:
        """Begin a phase, by images or by instructions."""
        self._phases.append((len(self._rows), len(self._rows), int(by_images)))

    def emit(self, kernel: object, places: tuple[Place, ...], *integers: int) -> None:
        """Append an instruction to the phase that was begun last; `kernel` None makes a term of the one before."""
        if kernel is not None and kernel not in self.kernels:
            self.kernels.append(kernel)
        code = -1 if kernel is None else self.kernels.index(kernel)
        flat = [number for place in places for number in place]
        row = (code, *flat, *(0 for _ in range(3 * OPERANDS - len(flat))), *integers)
        self._rows.append(row + (0,) * (ROW - len(row)))
        begin, _, by_images = self._phases[-1]
        self._phases[-1] = (begin, len(self._rows), by_images)

    def tables(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the phases `[phases, 3]` and the instructions `[rows, ROW]`, int64."""
        return np.array(self._phases, np.int64).reshape(-1, 3), np.array(self._rows, np.int64).reshape(-1, ROW)

    def thread_strides(self) -> np.ndarray:
        """Return for each arena how many numbers lie between the rooms of two threads; 0 where they share."""
        strides = np.zeros(self.tensors + len(self.rooms), np.int64)
        for k in self._own_threads:
            strides[self.tensors + k] = self.rooms[k]
        return strides
