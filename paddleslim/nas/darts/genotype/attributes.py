"""Objects of a user's own classes: what they hold, how they are made again, and where their classes are found."""

from __future__ import annotations

import collections
import dataclasses
import enum
import struct
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["attributes_of", "classes_in", "content_of", "find_class", "is_own_class", "make_object"]

# Python's classes of which one of the user's own may be a kind; of two that fit, the nearer one first
BASES: tuple[Any, ...] = (
    *(collections.Counter, collections.OrderedDict, dict, collections.deque),
    *(int, float, complex, str, bytes, bytearray, list, tuple, set, frozenset),
)
HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE, which a class made by a `class` statement has
POINTER = struct.calcsize("P")  # bytes of an object that a slot takes
NO_SLOTS = ("__dict__", "__weakref__")


def base_of(kind):
    """Return the class of `BASES` that a class is a kind of, `object` if none."""
    return next((base for base in BASES if issubclass(kind, base)), object)


def is_own_class(kind):
    """Whether all that an object of a class holds are its attributes and what it is a kind of.

    A class made in C may hold more. Objects that are called, layers above all, are no choices unless they are
    dataclasses.
    """
    made_here = [one for one in kind.__mro__ if one not in base_of(kind).__mro__]
    in_python = bool(made_here) and all(map(is_made_in_python, made_here))
    is_called = any("__call__" in vars(one) for one in made_here)
    return in_python and (not is_called or dataclasses.is_dataclass(kind))


def is_made_in_python(kind):
    """Whether a class adds nothing to its base but attributes; many of those made in C are heap types, too."""
    added = len(slots_of(kind)) + sum(name in vars(kind) for name in NO_SLOTS)
    return bool(kind.__flags__ & HEAP_TYPE) and kind.__basicsize__ <= kind.__base__.__basicsize__ + POINTER * added


def slots_of(kind):
    """Return the names of the slots that a class adds to those of its bases."""
    slots = vars(kind).get("__slots__", ())
    return [slot for slot in ([slots] if isinstance(slots, str) else slots) if slot not in NO_SLOTS]


def content_of(value):
    """Return what an object holds as what it is a kind of, whatever its own methods say; None if that is `object`."""
    base = base_of(type(value))
    if base in (str, int, float):
        return {str: str.__str__, int: int.__int__, float: float.__float__}[base](value)
    if base is collections.deque:
        return base(base.__iter__(value), value.maxlen)
    if issubclass(base, dict):
        return base(dict(base.items(value)))
    return None if base is object else complex(value) if base is complex else base(base.__iter__(value))


def attributes_of(value):
    """Return the attributes of an object by name: those in its `__dict__` and those in slots."""
    found = {}
    for kind in reversed(type(value).__mro__):
        for slot in slots_of(kind):
            private = slot.startswith("__") and not slot.endswith("__")
            name = f"_{kind.__name__.lstrip('_')}{slot}" if private else slot
            if hasattr(value, name):
                found[name] = getattr(value, name)
    return {**found, **getattr(value, "__dict__", {})}


def make_object(kind, content, attributes):
    """Return an object of a class without a call of its `__init__`.

    Args:
        kind: the class.
        content: the value of what it is a kind of; None for `object`.
        attributes: by name.
    """
    base = base_of(kind)
    if base is object:
        made = object.__new__(kind)
    elif base.__hash__ is None:  # a container that is filled after it was made
        made = base.__new__(kind)
        maxlen = (content.maxlen,) if base is collections.deque else ()
        base.__init__(made, content, *maxlen)
    else:
        made = base.__new__(kind, content)
    for name, part in attributes.items():
        object.__setattr__(made, name, part)  # a frozen dataclass allows it too
    return made


def classes_in(value: Any, found: list | None = None) -> list:
    """Return the classes of a user's own of a value and of all that it holds."""
    found = [] if found is None else found
    kind = type(value)
    is_own = isinstance(value, enum.Enum) or is_own_class(kind)
    if is_own and kind not in found:
        found.append(kind)
    if isinstance(value, enum.Enum):
        return found
    for part in parts_of(value, is_own):
        classes_in(part, found)
    return found


def parts_of(value, is_own):
    """Return what a container or an object holds."""
    parts = list(attributes_of(value).values()) if is_own else []
    if isinstance(value, Mapping):
        parts += [*value.keys(), *value.values()]
    elif isinstance(value, (list, tuple, set, frozenset, collections.deque)):
        parts += list(value)
    elif isinstance(value, np.ndarray) and value.dtype.kind == "O":
        parts += list(value.ravel())
    elif isinstance(value, slice):
        parts += [value.start, value.stop, value.step]
    return parts


def find_class(module, name, classes):
    """Return the class of these names: one of `classes`, or one defined in the module of one; None if neither.

    A script that is imported the next time has another name, so that the module need not be the same.
    """
    exact = [kind for kind in classes if (kind.__module__, kind.__qualname__) == (module, name)]
    if exact:
        return exact[0]
    if any(kind.__module__ == module for kind in classes):
        found: Any = sys.modules.get(module)
        for part in name.split("."):
            found = getattr(found, part, None)
        if isinstance(found, type) and found.__module__ == module:
            return found
    alike = [kind for kind in classes if kind.__qualname__ == name]
    return alike[0] if len(alike) == 1 else None
