"""What says whether functions, objects and layers of the user's own are what they were when a run was saved."""

from __future__ import annotations

import functools
import platform
import types
import zlib
from typing import Any

import numpy as np
import paddle

__all__ = ["compare_code", "describe_code"]

LIBRARIES = ("paddle", "paddleslim", "numpy", "builtins")  # their versions are compared, or they never change
PLAIN = (list, tuple, set, frozenset, dict, types.CodeType, functools.partial)
WIDTH = 1000  # parts of a list, set or dictionary; of a longer one the length alone is compared
DEPTH = 8  # of what is within one another and is looked at
PYTHON = ".".join(platform.python_version_tuple()[:2])  # another one makes other code of the same source


def describe_code(thing):
    """Return the name of a function, object or layer, and a checksum of its code and of its plain values.

    Of a layer it is the code of all layers in it, without values, which training changes; None for None.
    """
    if thing is None:
        return None
    if isinstance(thing, paddle.nn.Layer):
        kinds = {type(layer) for layer in thing.sublayers(include_self=True)}
        found: Any = sorted((kind.__qualname__, spell_class(kind, DEPTH)) for kind in kinds)
    else:
        found = spell(thing, DEPTH)
    name = getattr(thing, "__name__", type(thing).__name__)
    return {"name": name, "python": PYTHON, "code": f"{zlib.crc32(repr(found).encode(errors='replace')):08x}"}


def compare_code(now, then):
    """Yield a sentence's beginning for each thing of `now`, `{name: description}`, that was another one `then`."""
    for name, here in now.items():
        there = then.get(name, here)  # an earlier release knew fewer
        if here is None or there is None or here["name"] != there["name"]:
            if here != there:
                was, is_now = ("None" if one is None else f"`{one['name']}`" for one in (there, here))
                yield f"{name} was {was} and is {is_now} now"
        elif here["python"] == there["python"] and here["code"] != there["code"]:
            yield f"{name} is still `{here['name']}`, but with other code or values"


def spell(value, depth):
    """Return plain data that are the same in every process for the same code and values."""
    if isinstance(value, (type(None), bool, int, float, complex, str, bytes)):
        return repr(value)
    if isinstance(value, np.generic):
        return repr(value.item())
    if isinstance(value, paddle.Tensor):
        value = value.numpy() if value.is_dense() else value.shape
    if isinstance(value, np.ndarray) and value.dtype.hasobject:
        value = value.tolist()  # its bytes are addresses
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.shape, zlib.crc32(np.ascontiguousarray(value).tobytes())
    if depth == 0 or (not isinstance(value, PLAIN) and is_of_library(value)):
        return getattr(value, "__qualname__", type(value).__qualname__)
    return spell_parts(value, depth - 1)


def spell_parts(value, depth):
    if isinstance(value, (list, tuple, set, frozenset, dict)) and len(value) > WIDTH:
        return type(value).__name__, len(value)
    if isinstance(value, (list, tuple)):
        return [spell(part, depth) for part in value]
    if isinstance(value, (set, frozenset)):
        return sorted(repr(spell(part, depth)) for part in value)
    if isinstance(value, dict):
        return sorted((repr(spell(key, depth)), repr(spell(part, depth))) for key, part in value.items())
    if isinstance(value, types.CodeType):
        return value.co_code, value.co_names, value.co_varnames, spell(value.co_consts, depth)
    if isinstance(value, functools.partial):
        return [spell(part, depth) for part in (value.func, value.args, value.keywords)]
    if isinstance(value, types.FunctionType):
        inside = [cell.cell_contents for cell in value.__closure__ or () if has_content(cell)]
        return [spell(part, depth) for part in (value.__code__, value.__defaults__, value.__kwdefaults__, inside)]
    if isinstance(value, types.MethodType):
        return spell(value.__func__, depth), spell(value.__self__, depth)
    kind = value if isinstance(value, type) else type(value)
    values = {} if kind is value or isinstance(value, paddle.nn.Layer) else getattr(value, "__dict__", {})
    return spell_class(kind, depth), spell(values, depth)


def spell_class(kind, depth):
    """Return the code of the methods that a class and those above it define outside of libraries."""
    classes = [base for base in kind.__mro__ if not is_of_library(base)]
    return [
        (base.__qualname__, [spell_method(vars(base)[name], depth) for name in sorted(vars(base))]) for base in classes
    ]


def spell_method(value, depth):
    """Return the code of a method, static method or property; the rest of a class is left out."""
    value = getattr(value, "__func__", getattr(value, "fget", value))
    return spell(value.__code__, depth) if isinstance(value, types.FunctionType) else None


def is_of_library(value):
    module = getattr(value, "__module__", None) or type(value).__module__
    return str(module).partition(".")[0] in LIBRARIES


def has_content(cell):
    try:
        return cell.cell_contents is not None
    except ValueError:  # not assigned yet
        return False
