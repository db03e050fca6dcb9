"""Iterators that never end, as far as can be seen without reading them.

A generator ends where its code returns or raises. So it is one that never ends if no `return`, that at its last line
included, and no `raise` can be reached from its first instruction, such as behind a `while True` without a `break`, or
behind a loop over `itertools.count()`. Where this is not certain, as of a loop that a condition ends, nothing is said;
nor on a Python whose instructions are others, which generators of a known end show first.

Counting batches could not take its place: it finds nothing before many of them were read, and a reader of many more
batches than `num_imgs` says is a wrong `num_imgs` as often as one without an end. That one is warned of, see the loop.
"""

from __future__ import annotations

import dis
import functools
import gc
import inspect
import itertools
import types

from paddle import io

__all__ = ["EndlessReaderError", "never_ends", "source_never_ends"]

ENDLESS = (itertools.count, itertools.cycle, itertools.repeat)
ENDS = {"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS"}
LEAVES = {"RERAISE", "CLEANUP_THROW", "JUMP_FORWARD", "JUMP_ABSOLUTE", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"}
ITERATIONS = {"FOR_ITER", "SEND", "YIELD_FROM"}  # instructions that leave a loop when its iterator ends
LOADS = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF"}
DEPTH = 5  # generators inside of others that are looked into


class EndlessReaderError(ValueError):
    """A reader never ends, and nothing says how many of its batches make an epoch."""


def never_ends(iterator):
    """Whether an iterator is known to have no end."""
    if isinstance(iterator, itertools.repeat):
        return has_no_length(iterator)
    if isinstance(iterator, ENDLESS):
        return True
    if isinstance(iterator, types.GeneratorType):
        frame = iterator.gi_frame
        if frame is None:
            return False
        if iterator.gi_code.co_name == "<genexpr>":
            return never_ends(frame.f_locals.get(".0"))
        return not can_end(iterator.gi_code, {**frame.f_globals, **frame.f_locals})
    if isinstance(iterator, (map, zip, enumerate, filter, itertools.chain)):
        parts = [part for held in gc.get_referents(iterator) for part in (held if type(held) is tuple else [held])]
        sources = [part for part in parts if hasattr(part, "__next__")]
        ends = [never_ends(source) for source in sources]
        return bool(ends) and (all(ends) if isinstance(iterator, (map, zip)) else any(ends))
    return False


def has_no_length(repeated):
    """Whether an `itertools.repeat` was given no number of times."""
    try:
        repeated.__length_hint__()
    except TypeError:
        return True
    return False


def source_never_ends(reader):
    """Whether what makes an iterator for each epoch, and is not called here, makes one that never ends."""
    if isinstance(reader, io.DataLoader):
        dataset = getattr(reader, "dataset", None)
        own = type(reader).__iter__
        function = own if own is not io.DataLoader.__iter__ else getattr(type(dataset), "__iter__", None)
        return inspect.isgeneratorfunction(function) and function_never_ends(function)
    function = reader if callable(reader) else getattr(type(reader), "__iter__", None)
    return function_never_ends(function)


def function_never_ends(function, depth=0):
    """Whether a function is a generator that cannot end."""
    function = getattr(function, "__func__", function)
    if not inspect.isgeneratorfunction(function) or not hasattr(function, "__code__") or depth > DEPTH:
        return False
    held = [cell.cell_contents for cell in function.__closure__ or () if not is_empty(cell)]
    return not can_end(
        function.__code__, {**function.__globals__, **dict(zip(function.__code__.co_freevars, held))}, depth
    )


def is_empty(cell):
    try:
        return cell.cell_contents is None
    except ValueError:
        return True


def sample_endless():
    while True:
        yield 0


def sample_over_endless():
    for i in itertools.count():
        yield i + 1


def sample_broken_off():
    while True:
        yield 0
        if DEPTH:
            break


def sample_counted():
    for i in itertools.count():
        yield i
        if i > DEPTH:
            return


def sample_caught():
    iterator = iter(ENDLESS)
    while True:
        try:
            yield next(iterator)
        except StopIteration:
            return


def sample_over_items():
    yield from ENDLESS
    for item in ENDLESS:
        yield [item]


SAMPLES = {
    sample_endless: False,
    sample_over_endless: False,
    sample_broken_off: True,
    sample_counted: True,
    sample_caught: True,
    sample_over_items: True,
}


@functools.cache
def knows_instructions():
    """Whether this Python has the instructions that are known here, as generators show of which it is known."""
    try:
        return all(can_reach_end(f.__code__, f.__globals__, 0) is ends for f, ends in SAMPLES.items())
    except Exception:  # whatever another layout of the instructions leads to
        return False


def can_end(code, names, depth=0):
    """Whether a generator of this code may end, as far as is known; see `can_reach_end`."""
    if depth == 0 and not knows_instructions():
        return True
    try:
        return can_reach_end(code, names, depth)
    except (IndexError, KeyError, AttributeError, TypeError):
        return True


def can_reach_end(code, names, depth):
    """Whether a `return` or `raise` of this code can be reached, loops over what never ends taken as such.

    Args:
        code: a code object.
        names: what its global names stand for.
        depth: how many generators this one is inside of.
    """
    instructions = list(dis.get_instructions(code))
    index = {instruction.offset: i for i, instruction in enumerate(instructions)}
    handlers = getattr(dis.Bytecode(code), "exception_entries", ())
    waiting = [0, *(index[entry.target] for entry in handlers)]
    reached = set()
    while waiting:
        i = waiting.pop()
        if i in reached or i >= len(instructions):
            continue
        reached.add(i)
        name, target = instructions[i].opname, instructions[i].argval
        if name in ENDS:
            return True
        jumps = instructions[i].opcode in dis.hasjrel or instructions[i].opcode in dis.hasjabs
        endless = name in ITERATIONS and iterates_endlessly(instructions, i, names, depth)
        if name not in LEAVES and not (name == "YIELD_FROM" and endless):
            waiting.append(i + 1)
        if jumps and not endless:
            waiting.append(index.get(target, len(instructions)))
    return False


def iterates_endlessly(instructions, at, names, depth):
    """Whether the loop at this instruction is over a call of what makes an iterator without an end."""
    got = next((i for i in (at - 1, at - 2) if instructions[i].opname in ("GET_ITER", "GET_YIELD_FROM_ITER")), 0)
    start = next(
        (i for i in range(got, -1, -1) if instructions[i].opname in LOADS and is_first_load(instructions, i)), 0
    )
    call = instructions[got - 1]
    if not got or not call.opname.startswith("CALL"):
        return False
    root = names.get(instructions[start].argval)
    following = instructions[start + 1]
    if isinstance(root, types.ModuleType) and following.opname in ("LOAD_ATTR", "LOAD_METHOD"):
        root = getattr(root, following.argval, None)
    if root is itertools.repeat:
        return call.argval == 1
    return root in ENDLESS or function_never_ends(root, depth + 1)


def is_first_load(instructions, i):
    """Whether this is the first name that a line loads."""
    line = line_of(instructions, i)
    return all(
        line_of(instructions, j) != line or instructions[j].opname not in LOADS
        for j in range(i - 1, max(-1, i - 12), -1)
    )


def line_of(instructions, i):
    while i > 0 and not instructions[i].starts_line:
        i -= 1
    return i
