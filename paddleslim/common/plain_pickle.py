"""Pickles that hold data alone: arrays, numbers, texts and containers. Nothing else is made, and nothing is called.

A pickle is a program; it may name any function of any module and call it. Here the few names that data need are
answered by functions of this module, arrays are built from their bytes without numpy's own unpickling, and any other
name is refused.
"""

from __future__ import annotations

import collections
import io
import pickle
import pickletools
from typing import Any

import numpy as np

__all__ = ["RefusedPickleError", "read_plain_pickle"]


class RefusedPickleError(ValueError):
    """A pickle is damaged, or holds more than data; the message says what."""


def read_plain_pickle(path, content=None, encoding="ASCII"):
    """Return what the pickle at `path` holds, if that is made of arrays, numbers, texts and containers alone.

    Args:
        path: of the file; the message's name of it where `content` is given.
        content: the bytes of the pickle.
        encoding: of the texts of Python 2, as for `pickle.load`; 'bytes' leaves them as they are.

    Raises:
        OSError: the file cannot be read.
        RefusedPickleError: it is damaged, or names something else, which is not run.
    """
    if content is None:
        with open(path, "rb") as file:
            content = file.read()
    try:
        check_memo(content)
        return finish(PlainUnpickler(io.BytesIO(content), encoding=encoding).load(), {})
    except RefusedPickleError as error:
        raise RefusedPickleError(f"{path} {error}") from None
    except Exception as error:  # whatever the damage leads to
        raise RefusedPickleError(f"{path} is damaged ({type(error).__name__})") from error


class PlainDtype:
    """A dtype of numbers or texts on its way; `value` is numpy's."""

    def __init__(self, text: Any, *_):
        text = text.decode("ascii") if isinstance(text, bytes) else text
        if not isinstance(text, str) or len(text) > 8 or text[:1] not in "biufcSU":
            raise RefusedPickleError(f"holds an array of the type {text!r}; only numbers and texts are read")
        self.value = np.dtype(text)

    def __setstate__(self, state):
        order: Any = state[1].decode("ascii") if isinstance(state[1], bytes) else state[1]
        if any(part is not None for part in state[2:5]) or order not in ("<", ">", "|", "="):
            raise RefusedPickleError("holds an array of a compound type; only numbers and texts are read")
        self.value = self.value.newbyteorder(order)


class PlainArray:
    """An array on its way; `value` is numpy's, as soon as its bytes are there."""

    value: Any = None

    def __setstate__(self, state):
        _, shape, dtype, by_column, content = state
        if not isinstance(dtype, PlainDtype):
            raise RefusedPickleError("holds an array of no known type")
        self.value = make_array(content, dtype, shape, "F" if by_column else "C").value


def make_array(content, dtype, shape, order="C"):
    """Return an array from its bytes; a text of Python 2 is one of bytes."""
    content = content.encode("latin1") if isinstance(content, str) else bytes(content)
    array = PlainArray()
    array.value = np.frombuffer(bytearray(content), dtype.value).reshape(tuple(shape), order=order)
    return array


def make_scalar(dtype, content):
    array = make_array(content, dtype, ())
    array.value = array.value[()]
    return array


def begin_array(*_):
    return PlainArray()


def make_bytes(*parts):
    """Answer `bytes`, but for a number of zeros, which could be any number of them."""
    if any(isinstance(part, int) for part in parts):
        raise RefusedPickleError("asks for a number of empty bytes")
    return bytes(*parts)


def encode(text, encoding):
    """Answer `_codecs.encode`, by which Python 3 writes bytes in old protocols."""
    if encoding not in ("latin1", "latin-1"):
        raise RefusedPickleError(f"encodes a text by {encoding!r}")
    return text.encode("latin1")


def evaluate(expression, names):
    """Answer the `eval` in which Paddle wraps a tensor: the name of an array, and the array."""
    if expression != "data":
        raise RefusedPickleError(f"names builtins.eval, of {expression!r}, which is not run")
    return names["data"]


class Name:
    """Stands for the type that `_reconstruct` is given, which is not used."""


KNOWN: dict[tuple[str, str], Any] = {
    ("builtins", "eval"): evaluate,
    ("builtins", "tuple"): tuple,
    ("builtins", "list"): list,
    ("builtins", "set"): set,
    ("builtins", "frozenset"): frozenset,
    ("builtins", "bytes"): make_bytes,
    ("builtins", "bytearray"): lambda *parts: bytearray(make_bytes(*parts)),
    ("builtins", "complex"): complex,
    ("collections", "OrderedDict"): collections.OrderedDict,
    ("_codecs", "encode"): encode,
    ("numpy", "dtype"): PlainDtype,
    ("numpy", "ndarray"): Name,
}
for package in ("numpy.core", "numpy._core"):
    KNOWN[package + ".multiarray", "_reconstruct"] = begin_array
    KNOWN[package + ".multiarray", "scalar"] = make_scalar
    KNOWN[package + ".numeric", "_frombuffer"] = make_array
for name in ("eval", "tuple", "list", "set", "frozenset", "bytes", "bytearray", "complex"):
    KNOWN["__builtin__", name] = KNOWN["builtins", name]


class PlainUnpickler(pickle.Unpickler):
    """An unpickler that knows no names but those of data."""

    def find_class(self, module, name):
        try:
            return KNOWN[module, name]
        except KeyError:
            raise RefusedPickleError(
                f"names {module}.{name}, which is not run; only arrays, numbers, texts and containers are read"
            ) from None

    def persistent_load(self, pid):
        raise RefusedPickleError("refers to something outside itself")


def check_memo(content):
    """Refuse a pickle that numbers an object of its memo higher than it has operations.

    Python makes room for that many objects, which would fill the memory.
    """
    for count, (operation, argument, _) in enumerate(pickletools.genops(content)):
        if operation.name in ("PUT", "BINPUT", "LONG_BINPUT") and int(argument or 0) > count:
            raise RefusedPickleError(f"numbers its object {count} as {argument}, which is not read")


def finish(value: Any, seen: dict[int, Any]) -> Any:
    """Return the value with numpy's arrays in it; lists and dictionaries are changed in place."""
    if isinstance(value, PlainArray):
        if value.value is None:
            raise RefusedPickleError("holds an array without content")
        return value.value
    if isinstance(value, PlainDtype):
        return value.value
    if isinstance(value, Name) or value is Name:
        raise RefusedPickleError("holds a type instead of data")
    if id(value) in seen:
        return seen[id(value)]
    if isinstance(value, list):
        seen[id(value)] = value
        value[:] = [finish(part, seen) for part in value]
    elif isinstance(value, dict):
        seen[id(value)] = value
        for key in value:
            value[key] = finish(value[key], seen)
    elif isinstance(value, tuple):
        seen[id(value)] = tuple(finish(part, seen) for part in value)
        return seen[id(value)]
    elif not (value is None or isinstance(value, (bool, int, float, complex, str, bytes, bytearray, set, frozenset))):
        raise RefusedPickleError(f"holds a {type(value).__name__}; only arrays, numbers, texts and containers are read")
    return value
