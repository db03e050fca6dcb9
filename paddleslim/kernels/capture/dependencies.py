"""Where functions and objects keep what they depend on: names of modules, of closures, of classes, and slots."""

from __future__ import annotations

import functools
import io
import random
import sys
import types

import numpy as np
import paddle

from .tape import NotCapturable

__all__ = [
    "PLAIN",
    "AttributeView",
    "CellView",
    "MethodView",
    "attribute_names",
    "is_function",
    "is_object",
    "is_of_library",
    "modules_and_names",
    "refuse_what_moves_by_itself",
    "settings",
]

PLAIN = (bool, int, float, complex, str, bytes, type(None), np.generic)
LIBRARIES = frozenset(("paddle", "paddleslim", "numpy", "numba", "scipy", "builtins"))
STANDARD = getattr(sys, "stdlib_module_names", frozenset(sys.builtin_module_names))  # Python 3.9 has no such names
HOLDERS = ("argparse", "types")  # modules of the standard library whose objects hold what somebody sets


class DictionaryView:
    """The names of a module."""

    def __init__(self, names):
        self._names = names

    def get(self, name):
        """Return the present value, None if there is none."""
        return self._names.get(name)

    def put(self, name, value):
        """Bind a name."""
        self._names[name] = value


class CellView:
    """A variable of an enclosing function, under any name."""

    def __init__(self, cell):
        self._cell = cell

    def get(self, name):
        """Return the present value, None if there is none."""
        try:
            return self._cell.cell_contents
        except ValueError:
            return None

    def put(self, name, value):
        """Set the value."""
        self._cell.cell_contents = value


class AttributeView:
    """The attributes of an object."""

    def __init__(self, owner):
        self._owner = owner

    def get(self, name):
        """Return the present value, None if there is none."""
        return getattr(self._owner, name, None)

    def put(self, name, value):
        """Set an attribute."""
        setattr(self._owner, name, value)


class MethodView(AttributeView):
    """The attributes of a class itself; a method that stands for another while passes are captured is that other."""

    def get(self, name):
        value = vars(self._owner).get(name)
        return getattr(value, "stands_for", value)


def is_of_library(module) -> bool:
    """Return whether a module of this name holds no state of the user's."""
    root = (module or "").partition(".")[0]
    return root in LIBRARIES or root in STANDARD


def is_object(value) -> bool:
    """Return whether a value is an object of a class of the user's own, or a namespace."""
    kind = type(value)
    return not isinstance(value, (type, types.ModuleType, *PLAIN)) and (
        not is_of_library(getattr(kind, "__module__", None))
        or (kind.__module__ in HOLDERS and hasattr(value, "__dict__"))
    )


def is_function(value) -> bool:
    """Return whether a value is a function of Python, a method of an object or a partial function."""
    return isinstance(value, (types.FunctionType, types.MethodType, functools.partial))


def refuse_what_moves_by_itself(value, owner) -> None:
    """Raise a NotCapturable for what changes whenever it is used, in a way that nobody can look at.

    The generators of the modules `random` and `numpy.random` are looked at around a recording.
    """
    if isinstance(value, types.BuiltinFunctionType):
        value = value.__self__
    if value is random._inst or value is np.random.mtrand._rand:  # type: ignore[attr-defined]
        return
    if isinstance(value, (random.Random, np.random.Generator, np.random.RandomState)):
        raise NotCapturable(f"{owner} holds a generator of random numbers")
    if hasattr(type(value), "__next__") and not isinstance(value, io.IOBase):
        raise NotCapturable(f"{owner} holds an iterator")


def attribute_names(kind):
    """Return the names of the slots of a class."""
    names = []
    for base in kind.__mro__:
        slots = vars(base).get("__slots__", ()) if not is_of_library(getattr(base, "__module__", None)) else ()
        names += [slots] if isinstance(slots, str) else list(slots)
    return [name for name in names if name not in ("__dict__", "__weakref__")]


def modules_and_names(function):
    """Yield a view of names and a name in it for all that the code of a function reads from modules."""
    names = set(names_of(function.__code__))
    own = function.__globals__
    for name in names:
        value = own[name] if name in own else imported(name, own.get("__package__"))
        if isinstance(value, types.ModuleType):
            if not is_of_library(value.__name__):
                yield from (
                    (DictionaryView(vars(value)), n) for n in names if n in vars(value) and is_kept(vars(value)[n])
                )
        elif name in own and is_kept(value):
            yield DictionaryView(own), name


def is_kept(value) -> bool:
    """Return whether a name that is bound to this is of interest."""
    if isinstance(value, type):
        return not is_of_library(getattr(value, "__module__", None))
    return not isinstance(value, types.ModuleType)


def imported(name, package):
    """Return the module that code would get which imports this name, None if it is not there yet."""
    found = sys.modules.get(name) if name else None
    return found or (sys.modules.get(f"{package}.{name}") if package else None)


def names_of(code):
    """Yield the names that a piece of code, and what is defined in it, reads."""
    yield from code.co_names
    for part in code.co_consts:
        if isinstance(part, types.CodeType):
            yield from names_of(part)


def settings():
    """Return what else decides what operators do."""
    tracer = sys.modules.get("paddleslim.fluid._tracer")
    amp = paddle.base.framework._dygraph_tracer()._amp_level
    return paddle.get_default_dtype(), str(amp), tracer and tracer.is_training()
