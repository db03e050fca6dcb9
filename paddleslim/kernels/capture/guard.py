"""What a forward pass may depend on besides its inputs: attributes of layers and names of the modules that define them.

A recording is of use only as long as all of that is what it was. Tensors count by identity, since a recording reads
their present values; numbers, texts and containers of them by value.
"""

from __future__ import annotations

import operator
import sys
import types
from typing import Any

import numpy as np
import paddle

__all__ = ["Guard"]

PLAIN = (bool, int, float, complex, str, bytes, type(None))
DEEPEST = 3  # containers in containers, and attributes of objects in attributes
LIBRARIES = ("paddle", "paddleslim", "numpy")


class Guard:
    """The state of a layer and of what its methods name.

    Args:
        layer: with all layers in it.

    Attributes:
        tensors: all that the layer holds.
    """

    def __init__(self, layer):
        self.tensors: list[paddle.Tensor] = []
        self._held: list[tuple[Any, Any]] = []  # dictionaries and lists, each with a copy
        self._arrays: list[tuple[np.ndarray, np.ndarray]] = []
        self._names: list[tuple[Any, str, Any]] = []  # (dictionary, name, value)
        self._seen: set[Any] = set()
        self._depends: dict[int, str] = {}
        layers = layer.sublayers(include_self=True)
        for part in layers:
            self._hold(vars(part), 0, type(part).__name__)
        for kind in {kind for part in layers for kind in type(part).__mro__}:
            if kind.__module__.partition(".")[0] not in LIBRARIES:
                for value in vars(kind).values():
                    self._follow(getattr(value, "__func__", value))
                for name, value in vars(kind).items():
                    if isinstance(value, PLAIN):
                        self._names.append((vars(kind), name, value))
                    elif isinstance(value, (dict, list, set)) and not name.startswith("__"):
                        self._hold(value, 1, kind.__name__)
        self._settings = settings()
        self._empty = [held for held, copy in self._held if not copy]
        self._full, self._copies = zip(*(pair for pair in self._held if pair[1]))

    def broken(self) -> str | None:
        """Return what has changed since, None if nothing has."""
        if self._settings != settings():
            return "a setting of Paddle"
        if not self._is_quickly_equal():
            for held, copy in self._held:
                if not equal(held, copy):
                    return self._describe(held, copy)
        for place, name, value in self._names:
            if not equal(place.get(name), value):
                return f"`{name}`"
        for array, copy in self._arrays:
            if not np.array_equal(array, copy):
                return "an array"
        return None

    def _is_quickly_equal(self) -> bool:
        """Return whether all containers are what they were; False, too, where that takes a closer look."""
        try:
            return not any(self._empty) and all(map(operator.eq, self._full, self._copies))
        except Exception:  # a tensor or array in the place of another one
            return False

    def _describe(self, held, copy):
        owner = self._depends.get(id(held), "")
        if isinstance(held, dict):
            changed = [k for k in {**held, **copy} if k not in held or k not in copy or not equal(held[k], copy[k])]
            return f"`{owner}.{changed[0]}`" if changed else f"an attribute of {owner}"
        return f"a list of {owner}"

    def _hold(self, found, depth, owner) -> None:
        """Keep a copy of a container, and of those in it."""
        if id(found) in self._seen or depth > DEEPEST:
            return
        self._seen.add(id(found))
        if isinstance(found, (dict, list, set)):
            self._held.append((found, found.copy()))
            self._depends[id(found)] = owner
        for value in list(found.values()) if isinstance(found, dict) else found:
            self._look(value, depth + 1, owner)

    def _look(self, value, depth, owner) -> None:
        """Keep what is to be kept of a value in a container."""
        if isinstance(value, paddle.Tensor):
            self.tensors.append(value)
        elif isinstance(value, np.ndarray):
            self._arrays.append((value, value.copy()))
        elif isinstance(value, (dict, list, tuple, set)):
            self._hold(value, depth, owner)
        elif is_object(value):
            self._hold(vars(value), depth, owner)

    def _follow(self, function) -> None:
        """Keep what a function names, and what the functions that it names do."""
        if not isinstance(function, types.FunctionType) or function.__code__ in self._seen:
            return
        self._seen.add(function.__code__)
        for cell in function.__closure__ or ():
            try:
                content = cell.cell_contents
            except ValueError:
                continue
            self._follow(content)
            if isinstance(content, PLAIN):
                self._names.append((CellView(cell), "contents", content))
            else:
                self._look(content, 1, function.__name__)
        for default in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            self._look(default, 1, function.__name__)
        names = set(names_of(function.__code__))
        for name in names:
            if name not in function.__globals__:
                continue
            value = function.__globals__[name]
            places = [(function.__globals__, name, value)]
            if isinstance(value, types.ModuleType):
                places = [(vars(value), n, vars(value)[n]) for n in names if n in vars(value)]
            for place, key, content in places:
                if isinstance(content, PLAIN):
                    self._names.append((place, key, content))
                elif isinstance(content, types.FunctionType):
                    if content.__module__ and content.__module__.partition(".")[0] not in LIBRARIES:
                        self._follow(content)
                        self._names.append((place, key, content))
                elif not isinstance(content, (type, types.ModuleType)):
                    self._look(content, 1, key)


class CellView:
    """A variable of an enclosing function, as a dictionary of one name."""

    def __init__(self, cell):
        self._cell = cell

    def get(self, name):
        """Return the present value."""
        return self._cell.cell_contents


def is_object(value) -> bool:
    """Return whether a value is an object of a class of the user's own that holds settings, such as a namespace."""
    module = type(value).__module__.partition(".")[0]
    return (
        hasattr(value, "__dict__")
        and not isinstance(value, (type, types.ModuleType, types.FunctionType, paddle.nn.Layer))
        and module not in LIBRARIES
    )


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


def equal(a, b) -> bool:
    """Return whether two values are equal; tensors are if they are one."""
    if a is b:
        return True
    try:
        return bool(a == b)
    except Exception:  # arrays and tensors of several numbers
        return False
