"""Checks of settings: each takes a name and a value, and returns the value as a plain Python one or raises."""

from __future__ import annotations

import dataclasses
import inspect
import math
import numbers
import os
from typing import Any

import numpy as np

__all__ = [
    "Choice",
    "Count",
    "Factor",
    "Flag",
    "Folder",
    "Function",
    "Objects",
    "Pair",
    "Rate",
    "Text",
    "check_image_shape",
]


@dataclasses.dataclass(frozen=True)
class Count:
    """A whole number of at least `least`."""

    least: int = 1

    def __call__(self, name, value):
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral) or value < self.least:
            raise ValueError(f"{name} must be a whole number of at least {self.least}, got {value!r}")
        return int(value)


def check_image_shape(shape):
    """Raise a ValueError unless `shape` is that of an image, `[channels, height, width]`."""
    if not hasattr(shape, "__len__") or len(shape) != 3:
        raise ValueError(f"image_shape must be [channels, height, width], got {shape!r}")
    for part, size in zip(("channels", "height", "width"), shape):
        Count()(f"{part} of image_shape", size)


@dataclasses.dataclass(frozen=True)
class Rate:
    """A finite number above 0."""

    def __call__(self, name, value):
        if not is_number(value) or value <= 0:
            raise ValueError(f"{name} must be a number above 0, got {value!r}")
        return as_number(value)


@dataclasses.dataclass(frozen=True)
class Factor:
    """A number of at least 0 and below 1."""

    def __call__(self, name, value):
        if not is_number(value) or not 0 <= value < 1:
            raise ValueError(f"{name} must be at least 0 and below 1, got {value!r}")
        return as_number(value)


@dataclasses.dataclass(frozen=True)
class Pair:
    """Two values that each pass `check`, such as the betas of Adam."""

    check: Any
    each: tuple[str, str]

    def __call__(self, name, value):
        if isinstance(value, (str, bytes, dict)) or not hasattr(value, "__len__") or len(value) != 2:
            raise ValueError(f"{name} must be two numbers such as (0.5, 0.999), got {value!r}")
        return tuple(self.check(f"{part} of {name}", one) for part, one in zip(self.each, value))


@dataclasses.dataclass(frozen=True)
class Flag:
    """True or False."""

    def __call__(self, name, value):
        if not isinstance(value, (bool, np.bool_)):
            raise TypeError(f"{name} must be True or False, got {value!r}")
        return bool(value)


@dataclasses.dataclass(frozen=True)
class Choice:
    """One of `choices`; `or_none` is for the message, where None passes as well."""

    choices: tuple
    or_none: bool = False

    def __call__(self, name, value):
        if not isinstance(value, str) or value not in self.choices:
            known = (
                f"None or one of {', '.join(map(repr, self.choices))}"
                if self.or_none
                else " or ".join(map(repr, self.choices))
            )
            raise ValueError(f"{name} must be {known}, got {value!r}")
        return value


@dataclasses.dataclass(frozen=True)
class Text:
    """A text."""

    def __call__(self, name, value):
        if not isinstance(value, str):
            raise TypeError(f"{name} must be a text, got {value!r}")
        return value


@dataclasses.dataclass(frozen=True)
class Folder:
    """The path of a folder: absolute from now on, so that a later `os.chdir` moves nothing; `~` is the home folder."""

    def __call__(self, name, value):
        if not isinstance(value, (str, os.PathLike)):
            raise TypeError(f"{name} must be the path of a folder, got {value!r}")
        path = os.path.expanduser(os.fspath(value))
        if not isinstance(path, str):
            raise TypeError(f"{name} must be the path of a folder as a text, got {value!r}")
        return os.path.abspath(path or ".")


@dataclasses.dataclass(frozen=True)
class Function:
    """Something that can be called; `takes` says with what.

    Args:
        takes: what it is called with, for messages.
        count: how many arguments these are.
    """

    takes: str
    count: int = 1

    def __call__(self, name, value):
        if not callable(value):
            raise TypeError(f"{name} must be a function of {self.takes}, got {value!r}")
        if isinstance(value, type) and self.count > 1:
            raise TypeError(
                f"{name} must be a function of {self.takes}, got the class {value.__name__}; write {value.__name__}()"
            )
        try:
            inspect.signature(value).bind(*[None] * self.count)
        except TypeError as error:
            raise TypeError(f"{name} must be a function of {self.takes}, got {value!r} ({error})") from None
        except ValueError:  # Python knows no signature
            return value
        return value


@dataclasses.dataclass(frozen=True)
class Objects:
    """A list or tuple of objects of one class.

    Args:
        kind: the class.
        such_as: what to give, for the message.
    """

    kind: type
    such_as: str

    def __call__(self, name, value):
        if isinstance(value, self.kind):
            raise TypeError(
                f"{name} must be a list of {self.such_as}, got one alone; write [{type(value).__name__}(...)]"
            )
        if not isinstance(value, (list, tuple)):
            raise TypeError(f"{name} must be a list of {self.such_as}, got {value!r}")
        for one in value:
            if isinstance(one, type) and issubclass(one, self.kind):
                raise TypeError(f"{name} holds the class {one.__name__}, write {one.__name__}(...) to make one")
            if not isinstance(one, self.kind):
                raise TypeError(f"{name} must be a list of {self.such_as}, but one of them is {one!r}")
        return tuple(value)


def is_number(value):
    real = isinstance(value, (numbers.Real, np.number)) and not isinstance(value, (bool, np.bool_, np.complexfloating))
    return real and math.isfinite(value)


def as_number(value):
    return int(value) if isinstance(value, numbers.Integral) else float(value)
