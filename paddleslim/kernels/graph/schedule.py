"""From instructions in any order that respects their operands to a program: phases, and memory planned from lifetimes.

Levels alternate: at even ones instructions run image by image, at odd ones each runs once, for the whole batch. An
instruction gets the first level at which its operands are there, or a later one if a floor is set. What is made and
used at one even level stays within a thread, in the cache; what passes from level to level exists for every image.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..program import Operand, Program
from .memory import Plan
from .prefetching import with_prefetches

__all__ = ["OUT", "Buffer", "Schedule", "View"]


class Buffer:
    """Memory that instructions write and read.

    Args:
        numbers: its length, for each image if `per_image`.
        tensor: the number of the tensor that it is, None for memory that is planned.

    Attributes:
        saved: whether it is kept from the forward program for the backward one.
        address: where it is, once that is planned.
    """

    __slots__ = ("accesses", "address", "numbers", "per_image", "saved", "schedule", "tensor")

    def __init__(self, numbers: int, per_image: bool = True, tensor: int | None = None):
        self.numbers, self.per_image, self.tensor = numbers, per_image, tensor
        self.saved = False
        self.address = 0
        self.schedule: Schedule | None = None  # the one that `accesses` are of, by offset
        self.accesses: dict[int, Access] = {}


class View(NamedTuple):
    """An operand: a buffer from a number on."""

    buffer: Buffer
    offset: int = 0

    def at(self, distance: int) -> View:
        """Return the view `distance` numbers further."""
        return View(self.buffer, self.offset + distance)


OUT = None  # in the operands of `Schedule.compute`, the result


class Instruction(NamedTuple):
    kernel: object
    operands: tuple[View, ...]
    integers: tuple[int, ...]
    terms: tuple[tuple[View, ...], ...]
    writes: tuple[int, ...]

    def views(self) -> list[View]:
        """Return all views, those of terms, too."""
        return [*self.operands, *(view for term in self.terms for view in term)]


class Access:
    """When a buffer was written last and read last, at even and at odd levels."""

    __slots__ = ("read", "version", "written")

    def __init__(self):
        self.written: int | None = None
        self.read: list[int | None] = [None, None]
        self.version = 0


class Schedule:
    """Instructions under construction.

    Attributes:
        floor: an even level that new instructions are not put before.
    """

    def __init__(self):
        self.floor = 0
        self._levels: dict[int, list[Instruction]] = {}
        self._computed: dict[tuple, View] = {}

    @contextlib.contextmanager
    def not_before(self, level: int) -> Iterator[None]:
        """Inside, new instructions get this level or a later one."""
        before, self.floor = self.floor, max(self.floor, level)
        try:
            yield
        finally:
            self.floor = before

    def available(self, view: View) -> int:
        """Return the first even level at which instructions can read what has been written so far."""
        written = self._access(view).written
        return 0 if written is None else max(written + written % 2, 0)

    def emit(self, kernel, operands, integers=(), writes=(-1,), terms=(), by_images=True) -> None:
        """Append an instruction.

        Args:
            operands: views; `writes` are the positions of those that are written, and perhaps read, too.
            integers: plain numbers.
            terms: further tuples of views, which are read.
            by_images: whether it runs for each image, or once for the batch.
        """
        accesses = [self._access(view) for view in operands]
        read = accesses + [self._access(view) for term in terms for view in term]
        written = [accesses[k] for k in writes]
        level = self._level(read, written, by_images)
        for access in read:
            before = access.read[level % 2]
            if before is None or before < level:
                access.read[level % 2] = level
        for access in written:
            access.written, access.version = level, access.version + 1
        found = Instruction(kernel, tuple(operands), tuple(integers), tuple(terms), tuple(writes))
        self._levels.setdefault(level, []).append(found)

    def compute(self, kernel, operands, integers, numbers, *, per_image=True, terms=(), by_images=True, local=False):
        """Return a view of the result, one that is there if the same was computed before.

        Args:
            operands: views, with `OUT` in the place of the result.
            numbers: length of the result.
            local: whether to compute it anew at each level, since it is cheap, rather than keep it for every image.
        """
        flat = [*operands, *(view for term in terms for view in term)]
        accesses = [self._access(view) for view in flat if view is not OUT]
        level = self._level(accesses, (), by_images) if local else None
        key = (kernel, tuple(flat), tuple(integers), tuple(access.version for access in accesses), level)
        found = self._computed.get(key)
        if found is None:
            found = self._computed[key] = View(Buffer(numbers, per_image))
            full = [found if view is OUT else view for view in operands]
            self.emit(kernel, full, integers, (full.index(found),), terms, by_images)
        return found

    def _access(self, view: View) -> Access:
        buffer = view.buffer
        if buffer.schedule is not self:
            buffer.schedule, buffer.accesses = self, {}
        # parts of a tensor are written and read each on its own
        key = 0 if buffer.tensor is None else view.offset
        found = buffer.accesses.get(key)
        if found is None:
            found = buffer.accesses[key] = Access()
        return found

    def _level(self, accesses, written, by_images) -> int:
        """Return the first level for an instruction: at least the floor, and behind what it depends on."""
        level = self.floor if by_images else -1
        before = {access.written for access in accesses}
        for access in written:
            before.update(access.read)
        before.discard(None)
        for other in before:
            # instructions of one image run in their order; those of a batch side by side
            distance = (other % 2 == 1) if by_images else 1 + other % 2
            if other + distance > level:
                level = other + distance
        return level

    def buffers(self) -> list[Buffer]:
        """Return the buffers that instructions work on, tensors left out, each once."""
        found: dict[Buffer, None] = {}
        for instructions in self._levels.values():
            for instruction in instructions:
                for view in instruction.views():
                    if view.buffer.tensor is None:
                        found[view.buffer] = None
        return list(found)

    def tensors_read(self, without: str = "") -> set[int]:
        """Return the numbers of the tensors that instructions read, those of the kernel of this name left out."""
        return {
            view.buffer.tensor
            for instructions in self._levels.values()
            for instruction in instructions
            if getattr(instruction.kernel, "__name__", "") != without
            for view in instruction.views()
            if view.buffer.tensor is not None
        }

    def rows_for(self, tensors: frozenset[int]) -> tuple[np.ndarray, frozenset[int]]:
        """Return which rows of the program compute some of the tensors it writes, and the tensors that they touch."""
        live: set = set()
        flags: list[bool] = []
        for level in sorted(self._levels, reverse=True):
            for instruction in reversed(self._levels[level]):
                written = {key_of(instruction.operands[k]) for k in instruction.writes}
                alive = not written.isdisjoint(live) or not written.isdisjoint(tensors)
                if alive:
                    live.update(map(key_of, instruction.views()))
                flags += [alive] * (1 + len(instruction.terms))
        return np.array(flags[::-1], bool), frozenset(key for key in live if isinstance(key, int))

    def program(self, images: int, tensors: int, saved: int) -> Program:
        """Return the program, whose buffers behind the tensors are what is saved, shared work, and each thread's own.

        Args:
            saved: length of what is saved; views of saved buffers have their addresses.
        """
        plan, program = Plan(images), Program(images, tensors)
        for level in sorted(self._levels):
            for position, instruction in enumerate(self._levels[level]):
                for view in instruction.views():
                    if view.buffer.tensor is None and not view.buffer.saved:
                        plan.use(view.buffer, level, position)
        shared, own = plan.place()
        kinds = [program.add_buffer(saved), program.add_buffer(shared), program.add_buffer(own, per_thread=True)]
        known: dict[View, Operand] = {}

        def operands(views):
            for view in views:
                if view not in known:
                    known[view] = self._operand(view, plan, kinds)
            return tuple(known[view] for view in views)

        for level in sorted(self._levels):
            program.phase(by_images=level % 2 == 0)
            instructions = self._levels[level]
            for instruction in instructions if level % 2 else with_prefetches(instructions, plan):
                program.emit(instruction.kernel, operands(instruction.operands), *instruction.integers)
                for term in instruction.terms:
                    program.emit(None, operands(term))
        return program

    @staticmethod
    def _operand(view: View, plan: Plan, kinds: list[int]) -> Operand:
        buffer = view.buffer
        if buffer.tensor is not None:
            return Operand(buffer.tensor, view.offset, buffer.numbers if buffer.per_image else 0)
        stride = buffer.numbers if buffer.per_image else 0
        if buffer.saved:
            return Operand(kinds[0], buffer.address + view.offset, stride)
        is_own, address = plan.addresses[buffer]
        return Operand(kinds[1 + is_own], address + view.offset, 0 if is_own else stride)


def key_of(view: View):
    """Return the number of the tensor that a view is of, or its buffer."""
    return view.buffer if view.buffer.tensor is None else view.buffer.tensor
