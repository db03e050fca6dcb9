"""Genotypes of a user's own type, in what JSON can say.

Nothing is run that a file names: a class is found among those of a genotype that the program has made itself.
"""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import pathlib
from typing import Any

import numpy as np

__all__ = ["as_plain", "decode", "encode"]

GROUPS: dict[str, Any] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}
# what a text says as a whole
WRITTEN = (str, int, float, complex, decimal.Decimal, fractions.Fraction, pathlib.PurePath, datetime.date)
GROUP_TYPES = (list, tuple, set, frozenset, range)


def encode(value: Any) -> Any:
    """Return a value and its types in what JSON can say.

    Numbers, texts, bytes, containers, ranges, arrays, tensors, named tuples, dataclasses, enumerations and objects with
    attributes keep their types, and so do decimals, fractions, paths and dates; of anything else there is its text.
    """
    if isinstance(value, enum.Enum):
        return {"member": value.name, "of": type(value).__qualname__, "text": str(value)}
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) in (bytes, bytearray):
        return {type(value).__name__: value.hex()}
    if isinstance(value, (np.generic, np.ndarray)) and value.dtype.names is None:
        about = {"dtype": value.dtype.str, "scalar": isinstance(value, np.generic)}
        if value.dtype.kind in "biufU":
            return {"array": value.tolist(), **about}
        if value.dtype.kind == "O":
            return {"objects": [encode(part) for part in value.ravel()], "shape": list(value.shape)}
        return {"raw": value.tobytes().hex(), "shape": list(value.shape), **about}
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
    fields = None if isinstance(value, WRITTEN) else fields_of(value)
    if fields is None:
        return {"text": str(value), "written": type(value).__qualname__}
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
    if isinstance(value, np.ndarray) or is_tensor(value):
        return as_plain(value.tolist())
    if isinstance(value, np.generic):
        return value.item() if value.dtype.kind in "biufU" else str(value)
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
    if "objects" in said:
        array = np.empty(len(said["objects"]), object)
        for i, part in enumerate(said["objects"]):
            array[i] = decode_with(part, classes)
        return array.reshape(said["shape"])
    if "raw" in said:
        array = np.frombuffer(bytes.fromhex(said["raw"]), said["dtype"]).reshape(said["shape"]).copy()
        return array[()] if said["scalar"] else array
    if "array" in said:
        array = np.array(said["array"], said["dtype"])
        return array[()] if said["scalar"] else array
    for binary in (bytes, bytearray):
        if binary.__name__ in said:
            return binary.fromhex(said[binary.__name__])
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
    kind = classes.get(said.get("record", said.get("of", said.get("written"))))
    if kind is None:
        return said["text"]
    if "written" in said:
        return read_written(said["text"], kind)
    if "member" in said:
        return kind[said["member"]]
    fields = {name: decode_with(part, classes) for name, part in said["fields"].items()}
    return make_record(kind, fields)


def read_written(text, kind):
    """Return the object of a class of `WRITTEN` that is written so, or the text of one of another class."""
    if not issubclass(kind, WRITTEN):
        return text
    return kind.fromisoformat(text) if issubclass(kind, datetime.date) else kind(text)


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
    if isinstance(value, WRITTEN):
        found[type(value).__qualname__] = type(value)
        return found
    if isinstance(value, (bytes, bytearray, np.ndarray, np.generic)) or is_tensor(value):
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
