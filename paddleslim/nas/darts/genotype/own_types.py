"""Genotypes of a user's own type, in what JSON can say.

Nothing is run that a file names: a class is found among those of a genotype that the program has made itself.
"""

from __future__ import annotations

import collections
import dataclasses
import enum
from typing import Any

import numpy as np

__all__ = ["as_plain", "decode", "encode"]

GROUPS: dict[str, Any] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
GROUP_TYPES = (list, tuple, set, frozenset, range)


def encode(value: Any) -> Any:
    """Return a value and its types in what JSON can say.

    Numbers, texts, containers, ranges, arrays, tensors, named tuples, dataclasses, enumerations and objects with
    attributes keep their types; of anything else there is its text.
    """
    if isinstance(value, enum.Enum):
        return {"member": value.name, "of": type(value).__qualname__, "text": str(value)}
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, (np.generic, np.ndarray)):
        return {"array": value.tolist(), "dtype": value.dtype.str, "scalar": isinstance(value, np.generic)}
    if is_tensor(value):
        return {"tensor": value.tolist(), "dtype": str(value.dtype).rpartition(".")[2]}
    if isinstance(value, range):
        return {"range": [value.start, value.stop, value.step]}
    if type(value) in (dict, collections.OrderedDict):
        kind = "dict" if type(value) is dict else "ordered"
        return {kind: [[encode(key), encode(part)] for key, part in value.items()]}
    for name, kind in GROUPS.items():
        if type(value) is kind:
            return {name: [encode(part) for part in value]}
    fields = fields_of(value)
    if fields is None:
        return {"text": str(value)}
    parts = {name: encode(part) for name, part in fields.items()}
    return {"record": type(value).__qualname__, "fields": parts, "text": str(value)}


def is_tensor(value):
    return hasattr(value, "stop_gradient") and hasattr(value, "tolist")


def fields_of(value):
    """Return the fields of a named tuple, a dataclass or another object of a class in Python by name; None if none."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return value._asdict()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    is_plain = type(value).__reduce__ is object.__reduce__ and not isinstance(value, type) and not callable(value)
    return dict(vars(value)) if is_plain and hasattr(value, "__dict__") else None


def as_plain(value: Any):
    """Return a value as JSON says it for a reader who knows nothing of its types: objects, lists, numbers and texts."""
    if isinstance(value, enum.Enum):
        return value.name
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (np.generic, np.ndarray)) or is_tensor(value):
        return value.tolist()
    fields: Any = value if isinstance(value, dict) else fields_of(value)
    if fields is not None:
        return {str(as_plain(key)): as_plain(part) for key, part in fields.items()}
    return [as_plain(part) for part in list(value)] if isinstance(value, GROUP_TYPES) else str(value)


def decode(said, like=None):
    """Return the value that `encode` said.

    Args:
        said: what JSON says.
        like: a value that holds objects of the classes that are sought; one of another class comes back as its text.
    """
    return decode_with(said, classes_in(like))


def decode_with(said, classes):
    if not isinstance(said, dict):
        return said
    if "array" in said:
        array = np.array(said["array"], said["dtype"])
        return array[()] if said["scalar"] else array
    if "range" in said:
        return range(*said["range"])
    if "tensor" in said:
        import paddle  # late, for commands that need no network

        return paddle.to_tensor(said["tensor"], said["dtype"])
    for kind, make in (("dict", dict), ("ordered", collections.OrderedDict)):
        if kind in said:
            return make((decode_with(key, classes), decode_with(part, classes)) for key, part in said[kind])
    for name, group in GROUPS.items():
        if name in said:
            return group(decode_with(part, classes) for part in said[name])
    kind = classes.get(said.get("record", said.get("of")))
    if kind is None:
        return said["text"]
    if "member" in said:
        return kind[said["member"]]
    fields = {name: decode_with(part, classes) for name, part in said["fields"].items()}
    return make_record(kind, fields)


def make_record(kind, fields):
    """Return an object of a class with these fields."""
    if issubclass(kind, tuple):
        return kind(**fields)
    made = object.__new__(kind)
    for name, part in fields.items():
        object.__setattr__(made, name, part)  # a frozen dataclass allows it too
    return made


def classes_in(value: Any, found=None):
    """Return by name the classes of a value and of all that it holds."""
    found = {} if found is None else found
    if isinstance(value, enum.Enum):
        found[type(value).__qualname__] = type(value)
        return found
    if isinstance(value, (str, bytes, np.ndarray, np.generic)) or is_tensor(value):
        return found
    if isinstance(value, dict):
        parts = [*value.keys(), *value.values()]
    elif (fields := fields_of(value)) is not None:
        found[type(value).__qualname__] = type(value)
        parts = list(fields.values())
    else:
        parts = list(value) if isinstance(value, GROUP_TYPES) else []
    for part in parts:
        classes_in(part, found)
    return found
