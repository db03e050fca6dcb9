"""What a forward pass computes, as a list of calls: tensors by number, everything else as it was given."""

from __future__ import annotations

from collections import Counter
from typing import Any, Callable, NamedTuple

__all__ = ["Call", "Linear", "NotCapturable", "Ref", "Tape", "Value", "count_uses", "merge", "references", "replace"]


class NotCapturable(Exception):
    """A forward pass that cannot be captured; the message says why.

    Args:
        reason: the message.
        in_part: whether passes of layers in it may be.
    """

    def __init__(self, reason, in_part=True):
        super().__init__(reason)
        self.in_part = in_part


class Ref(NamedTuple):
    """A tensor among the arguments of a call, by the number of its value."""

    value: int


class Linear(NamedTuple):
    """A whole number that depends on the size of the batch: `slope * batch + constant`."""

    slope: int
    constant: int

    def at(self, batch: int) -> int:
        """Return the number for a batch."""
        return self.slope * batch + self.constant


class Value(NamedTuple):
    """A tensor.

    Args:
        shape: its lengths, `Linear` where they depend on the batch.
        dtype: its type.
        leaf: the tensor itself, if it is a parameter or a buffer.
        call: the number of the call that made it, -1 for none.
        position: which of the call's results it is.
        cut: whether no gradient flows through it, as behind `detach`.
    """

    shape: tuple
    dtype: Any
    leaf: Any = None
    call: int = -1
    position: int = 0
    cut: bool = False


class Call(NamedTuple):
    """An operator: what was called, with what, and the numbers of the values it returned."""

    number: int
    name: str
    function: Callable
    args: tuple
    kwargs: dict
    results: tuple[int, ...]

    def inputs(self) -> list[int]:
        """Return the numbers of the values among the arguments."""
        return references((self.args, self.kwargs))


class Tape(NamedTuple):
    """A recorded forward pass.

    Args:
        values: by number, the inputs first.
        calls: in their order.
        inputs: how many inputs there are.
        outputs: what was returned, with a `Ref` for each tensor.
        uses: how often each value is an argument or an output.
    """

    values: list[Value]
    calls: list[Call]
    inputs: int
    outputs: Any
    uses: Any = None


def replace(structure, change):
    """Return lists, tuples, dictionaries and slices, nested or not, with `change(part)` for each of their parts."""
    if isinstance(structure, (Ref, Linear)):
        return change(structure)
    if isinstance(structure, (list, tuple)):  # a shape, too, which is a class of its own
        return (list if isinstance(structure, list) else tuple)(replace(part, change) for part in structure)
    if isinstance(structure, dict):
        return {name: replace(part, change) for name, part in structure.items()}
    if isinstance(structure, slice):
        return slice(*(replace(part, change) for part in (structure.start, structure.stop, structure.step)))
    return change(structure)


def references(structure) -> list[int]:
    """Return the numbers of all values in a structure."""
    found: list[int] = []
    replace(structure, lambda part: found.append(part.value) if isinstance(part, Ref) else None)
    return found


def count_uses(tape: Tape) -> Counter:
    """Return how often each value is an argument or an output."""
    return Counter([value for call in tape.calls for value in call.inputs()] + references(tape.outputs))


def merge(one: Tape, other: Tape, batches: tuple[int, int]) -> Tape:
    """Return the tape that both are, recorded with batches of two sizes: numbers that differ become `Linear`.

    Raises:
        NotCapturable: they differ in anything else.
    """
    if [call.name for call in one.calls] != [call.name for call in other.calls]:
        raise NotCapturable("two passes call different operators")

    def both(a, b):
        return merge_structures(a, b, batches)

    values = [a._replace(shape=both(a.shape, b.shape)) for a, b in zip(one.values, other.values)]
    calls = []
    for a, b in zip(one.calls, other.calls):
        if a.results != b.results:
            raise NotCapturable(f"two passes call `{a.name}` with different results")
        calls.append(a._replace(args=both(a.args, b.args), kwargs=both(a.kwargs, b.kwargs)))
    return Tape(values, calls, one.inputs, both(one.outputs, other.outputs))


def merge_structures(a, b, batches):
    """Return the structure that both are, with a `Linear` where whole numbers differ."""
    if type(a) is not type(b):
        raise NotCapturable(f"two passes call an operator with {describe(a)} and with {describe(b)}")
    if isinstance(a, Ref):
        if a != b:
            raise NotCapturable("two passes call an operator with different tensors")
        return a
    if isinstance(a, (list, tuple)) and len(a) == len(b):
        return (list if isinstance(a, list) else tuple)(merge_structures(x, y, batches) for x, y in zip(a, b))
    if isinstance(a, dict) and list(a) == list(b):
        return {name: merge_structures(a[name], b[name], batches) for name in a}
    if isinstance(a, slice):
        parts = ((getattr(a, name), getattr(b, name)) for name in ("start", "stop", "step"))
        return slice(*(merge_structures(x, y, batches) for x, y in parts))
    if same(a, b):
        return a
    if type(a) is int:
        slope, rest = divmod(b - a, batches[1] - batches[0])
        if not rest:
            return Linear(slope, a - slope * batches[0])
    raise NotCapturable(f"two passes call an operator with {describe(a)} and with {describe(b)}")


def same(a, b) -> bool:
    """Return whether two arguments are equal; of arrays all numbers have to be."""
    if a is b:
        return True
    if type(a).__module__.startswith("paddle"):  # types and places, which Paddle 2.6 compares by identity
        return str(a) == str(b)
    try:
        equal = a == b
        return bool(equal.all()) if hasattr(equal, "all") else bool(equal)
    except Exception:
        return False


def describe(argument) -> str:
    text = repr(argument)
    return text if len(text) <= 40 else type(argument).__name__
