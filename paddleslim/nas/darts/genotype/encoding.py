"""Genotypes of a user's own type, in what JSON can say; what could not come back as it was is refused."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import fractions
import pathlib
import uuid
from typing import Any

import numpy as np

from .attributes import attributes_of, content_of, is_own_class

__all__ = ["BINARY", "FACTORIES", "MAPPINGS", "SEQUENCES", "WRITTEN", "encode", "is_tensor"]

SEQUENCES: dict[str, Any] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
MAPPINGS: dict[str, Any] = {"dict": dict, "ordered": collections.OrderedDict, "counter": collections.Counter}
FACTORIES: dict[str, Any] = {kind.__name__: kind for kind in (list, tuple, set, dict, int, float, str, bool)}
BINARY: dict[str, Any] = {kind.__name__: kind for kind in (bytes, bytearray)}
# what a text says as a whole, and how that is read
WRITTEN: dict[Any, Any] = {
    **{kind: kind for kind in (complex, decimal.Decimal, fractions.Fraction, uuid.UUID)},
    **{kind: kind for kind in (pathlib.PurePosixPath, pathlib.PureWindowsPath, type(pathlib.Path()))},
    **{kind: kind.fromisoformat for kind in (datetime.date, datetime.time, datetime.datetime)},
}
REMEDY = (
    "which a checkpoint cannot give back; let genotype() return numbers, texts, lists, dictionaries, arrays, named "
    "tuples, dataclasses or objects with such attributes"
)


def encode(value: Any, where: str = "the genotype") -> Any:
    """Return a value and its types in what JSON can say.

    Numbers, texts, bytes, containers, ranges, slices, arrays, tensors, named tuples, dataclasses, enumerations,
    decimals, fractions, paths, dates, objects with attributes, and kinds of Python's types of the user's own keep their
    types.

    Args:
        value: the genotype.
        where: what messages call it.

    Raises:
        ValueError: a part of it is something else.
    """
    try:
        return encode_part(value, where)
    except RecursionError:
        raise ValueError(f"{where} is nested too deep, or holds itself, {REMEDY}") from None


def encode_part(value, where):
    kind = type(value)
    if value is None or kind in (bool, int, float, str):
        return value
    if isinstance(value, enum.Enum):
        by_name = kind.__members__.get(value.name) is value  # not so of several flags
        member = {"member": value.name} if by_name else {"flags": value.value}
        return {**member, **name_class(kind), "text": str(value)}
    if kind in BINARY.values():
        return {kind.__name__: value.hex()}
    if kind is np.ndarray or (isinstance(value, np.generic) and kind.__module__ == "numpy"):
        return encode_array(value, where)
    if is_tensor(value):
        array = value.astype("float32") if "bfloat16" in str(value.dtype) else value
        return {"tensor": encode_array(array.numpy(), where), "dtype": str(value.dtype).rpartition(".")[2]}
    if kind in (range, slice):
        return {kind.__name__: [encode_part(getattr(value, n), f"{where}.{n}") for n in ("start", "stop", "step")]}
    if value is Ellipsis:
        return {"ellipsis": True}
    if kind is datetime.timedelta:
        return {"timedelta": [value.days, value.seconds, value.microseconds]}
    if kind in WRITTEN and not has_named_zone(value):
        return {"written": kind.__name__, "text": value.isoformat() if hasattr(value, "isoformat") else str(value)}
    found = encode_container(value, kind, where)
    return encode_object(value, kind, where) if found is None else found


def encode_container(value, kind, where):
    """Return what says a container of Python's own; None if it is none."""
    if kind is collections.deque:
        return {"deque": encode_parts(value, where), "maxlen": value.maxlen}
    for name, known in SEQUENCES.items():
        if kind is known:
            return {name: encode_parts(value, where)}
    for name, known in MAPPINGS.items():
        if kind is known:
            return {name: encode_items(value, where)}
    if kind is collections.defaultdict and value.default_factory in (None, *FACTORIES.values()):
        factory = value.default_factory
        return {"defaultdict": encode_items(value, where), "factory": factory and factory.__name__}
    return None


def encode_parts(parts, where):
    return [encode_part(part, f"{where}[{i}]") for i, part in enumerate(parts)]


def encode_items(items, where):
    return [[encode_part(k, f"a key of {where}"), encode_part(v, f"{where}[{k!r}]")] for k, v in items.items()]


def encode_array(array, where):
    about = {"dtype": array.dtype.str, "shape": list(array.shape), "scalar": isinstance(array, np.generic)}
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind == "U" or (kind in "biuf" and size <= 8):  # wider floats are no numbers of JSON
        return {"array": array.ravel().tolist(), **about}
    if kind == "O":
        return {"objects": encode_parts(array.ravel(), where), "shape": list(array.shape)}
    if array.dtype.names is not None:
        raise ValueError(f"{where} is an array of records, {REMEDY}")
    return {"raw": array.tobytes().hex(), **about}


def encode_object(value, kind, where):
    """Return what says an object of a class of the user's own: what it is a kind of, and its attributes."""
    if not is_own_class(kind):
        raise ValueError(f"{where} is {describe_type(value)}, {REMEDY}")
    attributes = {name: encode_part(part, f"{where}.{name}") for name, part in attributes_of(value).items()}
    content = encode_part(content_of(value), where)
    return {"object": attributes, "content": content, **name_class(kind), "text": str(value)}


def describe_type(value):
    """Return what a value is that cannot be said, such as 'the function conv' or 'a Conv2D'."""
    if isinstance(value, type):
        return f"the class {value.__name__}"
    name = getattr(value, "__name__", None)
    return f"the {type(value).__name__} {name}" if isinstance(name, str) else f"a {type(value).__name__}"


def name_class(kind):
    return {"of": kind.__qualname__, "module": kind.__module__}


def has_named_zone(value):
    """Whether a time is in a zone with rules, of which its text holds the present distance alone."""
    return not isinstance(getattr(value, "tzinfo", None), (datetime.timezone, type(None)))


def is_tensor(value):
    return hasattr(value, "stop_gradient") and hasattr(value, "tolist")
