"""What a forward pass may depend on besides its inputs: attributes of layers and objects, names of modules and classes.

A recording is of use only as long as all of that is what it was. Tensors and objects count by identity, since a
recording reads their present values; numbers and texts by value; containers by what is in them.
"""

from __future__ import annotations

import operator
from collections import deque
from itertools import chain
from typing import Any

import numpy as np
import paddle

from .dependencies import (
    PLAIN,
    AttributeView,
    CellView,
    MethodView,
    attribute_names,
    is_function,
    is_object,
    is_of_library,
    modules_and_names,
    refuse_what_moves_by_itself,
    settings,
)
from .tape import NotCapturable

__all__ = ["Guard"]

DEEPEST = 8  # containers in containers, and attributes of objects in attributes
CONTAINERS = (dict, list, set, deque, bytearray)


class Guard:
    """The state of a layer and of what its methods name.

    Args:
        layer: with all layers in it.

    Attributes:
        tensors: all that the layer holds, each once.

    Raises:
        NotCapturable: it holds what changes whenever it is used, an iterator or a generator of random numbers.
    """

    def __init__(self, layer):
        self._tensors: dict[int, paddle.Tensor] = {}
        self._held: list[tuple[Any, Any]] = []  # containers, each with a copy
        self._arrays: list[tuple[np.ndarray, np.ndarray]] = []
        self._names: list[tuple[Any, str, Any]] = []  # (what has `get`, name, value)
        self._seen: set[Any] = set()
        self._kept: list[Any] = []  # so that no number of `_seen` becomes that of another object
        self._owners: dict[int, str] = {}
        self._look(layer, 0, type(layer).__name__)
        self._settings = settings()
        self.tensors = list(self._tensors.values())
        self._remember()

    def broken(self) -> str | None:
        """Return what has changed since, None if nothing has."""
        if self._settings != settings():
            return "a setting of Paddle"
        if not self._is_quickly_equal():
            for held, copy in self._held:
                if not same_content(held, copy):
                    return self._describe(held, copy)
            self._held = [(held, held.copy()) for held, _ in self._held]  # equal, but other objects
            self._remember()
        for place, name, value in self._names:
            if not equal(place.get(name), value):
                return f"`{name}`"
        for array, copy in self._arrays:
            if not np.array_equal(array, copy):
                return "an array"
        return None

    def restore(self) -> None:
        """Make everything what it was but tensors, whose values are not kept."""
        for held, copy in self._held:
            if not same_content(held, copy):
                held.clear()
                held.update(copy) if isinstance(held, (dict, set)) else held.extend(copy)
        for place, name, value in self._names:
            if not equal(place.get(name), value):
                place.put(name, value)
        for array, copy in self._arrays:
            array[...] = copy

    def _remember(self) -> None:
        self._empty = [held for held, copy in self._held if not copy]
        self._full = [held for held, copy in self._held if copy]
        self._copies = [copy for _, copy in self._held if copy]
        self._contents = list(contents(self._full))

    def _is_quickly_equal(self) -> bool:
        """Return whether all containers hold the very objects they held; False, too, where that takes a closer look."""
        try:
            return (
                not any(self._empty)
                and all(map(operator.eq, self._full, self._copies))
                and all(map(operator.is_, contents(self._full), self._contents))
            )
        except Exception:  # a tensor or array in the place of another one
            return False

    def _describe(self, held, copy):
        owner = self._owners.get(id(held), "")
        if isinstance(held, dict):
            changed = [k for k in {**held, **copy} if k not in held or k not in copy or not equal(held[k], copy[k])]
            return f"`{owner}.{changed[0]}`" if changed else f"an attribute of {owner}"
        return f"a list of {owner}"

    # finding all of it

    def _look(self, value, depth, owner) -> None:
        """Keep what is to be kept of a value."""
        refuse_what_moves_by_itself(value, owner)
        if isinstance(value, paddle.Tensor):
            self._tensors[id(value)] = value
        elif isinstance(value, np.ndarray):
            self._arrays.append((value, value.copy()))
        elif isinstance(value, (*CONTAINERS, tuple, frozenset)):
            self._hold(value, depth, owner)
        elif isinstance(value, type):
            self._kinds(value)
        elif isinstance(value, paddle.nn.Layer) or is_object(value):
            self._object(value, depth)
        elif is_function(value):
            self._callable(value, depth, owner)

    def _is_new(self, value) -> bool:
        if id(value) in self._seen:
            return False
        self._seen.add(id(value))
        self._kept.append(value)
        return True

    def _hold(self, found, depth, owner) -> None:
        """Keep a copy of a container, and of those in it."""
        if not self._is_new(found):
            return
        if depth > DEEPEST:
            raise NotCapturable(f"{owner} holds containers and objects in one another, more than {DEEPEST} deep")
        if isinstance(found, CONTAINERS):
            self._held.append((found, found.copy()))
            self._owners[id(found)] = owner
        for value in list(found.values() if isinstance(found, dict) else found):
            if not isinstance(value, PLAIN):
                self._look(value, depth + 1, owner)

    def _object(self, value, depth) -> None:
        """Keep the attributes of a layer or an object, and what its class says; layers in a layer are no deeper."""
        if not self._is_new(value):
            return
        name = type(value).__name__
        if isinstance(value, paddle.nn.Layer):
            depth = 0
        self._hold(vars(value) if hasattr(value, "__dict__") else {}, depth, name)
        for slot in attribute_names(type(value)):
            self._name(AttributeView(value), slot, getattr(value, slot, None), depth + 1)
        self._kinds(type(value))

    def _kinds(self, kind) -> None:
        """Keep what a class and those that it is derived from say, as far as they are the user's."""
        for part in kind.__mro__:
            if not is_of_library(getattr(part, "__module__", None)) and self._is_new(part):
                self._kind(part)

    def _kind(self, kind) -> None:
        """Keep the attributes of a class, and what its methods name."""
        for name, value in list(vars(kind).items()):
            for function in (getattr(value, part, None) for part in ("__func__", "fget", "func")):
                self._follow(function)
            if is_function(value):
                function = MethodView(kind).get(name)
                self._names.append((MethodView(kind), name, function))
                if name != "__init__":
                    self._follow(function)
            elif not name.startswith("__") and not hasattr(value, "__get__"):
                self._name(MethodView(kind), name, value, 1)

    def _name(self, place, name, value, depth) -> None:
        """Keep what a name is bound to."""
        self._names.append((place, name, value))
        if not isinstance(value, PLAIN):
            self._look(value, depth, name)

    def _callable(self, value, depth, owner) -> None:
        """Keep what a function, a method of an object or a partial function needs."""
        self._follow(getattr(value, "__func__", value))
        for name in ("__self__", "func", "args", "keywords"):
            if hasattr(value, name):
                self._look(getattr(value, name), depth + 1, owner)

    def _follow(self, function) -> None:
        """Keep what a function names, and what the functions that it names do."""
        code = getattr(function, "__code__", None)
        if code is None or is_of_library(getattr(function, "__module__", None)) or not self._is_new(function):
            return
        for cell in function.__closure__ or ():
            view = CellView(cell)
            self._name(view, "contents", view.get("contents"), 1)
        for default in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            self._look(default, 1, function.__name__)
        if is_of_library(function.__globals__.get("__name__")):  # a decorator's
            return
        for place, name in modules_and_names(function):
            self._name(place, name, place.get(name), 1)


def contents(containers):
    """Return an iterator of all that is in some containers."""
    return chain.from_iterable(c.values() if isinstance(c, dict) else c for c in containers)


def same_content(held, copy) -> bool:
    """Return whether a container holds what its copy does."""
    if len(held) != len(copy):
        return False
    if isinstance(held, set):
        return held == copy
    if isinstance(held, dict):
        return list(held) == list(copy) and all(map(equal, held.values(), copy.values()))
    return all(map(equal, held, copy))


def equal(a, b) -> bool:
    """Return whether two values are the same for a pass: one object, or equal numbers or texts."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(equal, a, b))
    return isinstance(a, PLAIN) and a == b
