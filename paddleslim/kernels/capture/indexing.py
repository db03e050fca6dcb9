"""Where the numbers of a tensor come from: an element of a slice is one of the tensor that was sliced."""

from __future__ import annotations

from math import prod

from .tape import Linear, Tape

__all__ = ["basic_index", "source_of_number"]

SAME_NUMBERS = ("reshape", "squeeze", "unsqueeze", "flatten", "assign", "clone", "contiguous")


def source_of_number(tape: Tape, value: int) -> tuple[int, int] | None:
    """Return which value a tensor of one number is an element of, and the place of the element; None if it is none.

    Slices and reshapes are followed back to what they were taken from.
    """
    shape = tape.values[value].shape
    if any(isinstance(length, Linear) for length in shape) or prod(shape) != 1:
        return None
    place = 0
    while True:
        before = step_back(tape, value, place)
        if before is None:
            return value, place
        value, place = before


def step_back(tape, value, place):
    """Return the value that one was sliced or reshaped from, and the place there; None if it was made otherwise."""
    found = tape.values[value]
    if found.call < 0:
        return None
    call = tape.calls[found.call]
    source = call.inputs()[0] if call.inputs() else -1
    if source < 0 or any(isinstance(length, Linear) for length in tape.values[source].shape):
        return None
    shape = tape.values[source].shape
    if call.name in SAME_NUMBERS and prod(shape) == prod(found.shape):
        return source, place
    if call.name == "__getitem__":
        ranges = basic_index(call.args[1], shape)
        if ranges is None:
            return None
        lengths = [len(numbers) for numbers in ranges]
        if prod(lengths) != prod(found.shape):
            return None
        inside = unravel(place, lengths)
        return source, ravel([numbers[i] for numbers, i in zip(ranges, inside)], shape)
    return None


def basic_index(index, shape) -> list[range] | None:
    """Return for each axis which of its numbers an index of integers, slices and `...` takes; None for another one."""
    items = list(index) if isinstance(index, tuple) else [index]
    if any(item is None for item in items):
        return None
    if Ellipsis in [item if not isinstance(item, slice) else 0 for item in items]:
        k = next(k for k, item in enumerate(items) if item is Ellipsis)
        items[k : k + 1] = [slice(None)] * (len(shape) - len(items) + 1)
    items += [slice(None)] * (len(shape) - len(items))
    found = []
    for item, length in zip(items, shape):
        if type(item) is int and -length <= item < length:
            found.append(range(item % length, item % length + 1))
        elif isinstance(item, slice) and all(
            part is None or type(part) is int for part in (item.start, item.stop, item.step)
        ):
            found.append(range(length)[item])
        else:
            return None
    return found if len(items) == len(shape) else None


def unravel(place, lengths):
    """Return the index of the number at a place of an array."""
    index = []
    for length in reversed(lengths):
        place, rest = divmod(place, length)
        index.append(rest)
    return index[::-1]


def ravel(index, lengths):
    """Return the place of the number with an index."""
    place = 0
    for i, length in zip(index, lengths):
        place = place * length + i
    return place
