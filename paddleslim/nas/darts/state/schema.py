"""The shape of what a file holds, checked before it is used."""

from __future__ import annotations

from typing import Any

__all__ = ["ANY", "NUMBER", "Each", "Maybe", "check_shape", "shorten"]

ANY = object
NUMBER = (int, float)
NAMES = {int: "a whole number", float: "a number", str: "a text", bool: "true or false", type(None): "null"}


class Each:
    """A dictionary with any keys, whose values are all of one shape."""

    def __init__(self, shape):
        self.shape = shape


class Maybe:
    """An entry of a dictionary that may be missing, or null."""

    def __init__(self, shape):
        self.shape = shape


def check_shape(value: Any, shape: Any, where: str = "") -> None:
    """Raise a ValueError that says where `value`, as JSON gives it, is not of `shape`.

    Args:
        value: to check.
        shape: a type, or a tuple of types one of which it must be; a dictionary of the shapes of the entries it must
            have, others may be there, a `Maybe` may be missing; a list of one shape, that of all its elements; an
            `Each`; or `ANY`.
        where: for the message, such as 'epochs[3].genotype'.
    """
    if isinstance(shape, dict):
        require(value, dict, where)
        for key, inner in shape.items():
            if isinstance(inner, Maybe):
                if value.get(key) is None:
                    continue
                inner = inner.shape
            if key not in value:
                raise ValueError(f"`{join(where, key)}` is missing")
            check_shape(value[key], inner, join(where, key))
    elif isinstance(shape, Each):
        require(value, dict, where)
        for key, inner in value.items():
            check_shape(inner, shape.shape, join(where, key))
    elif isinstance(shape, list):
        require(value, list, where)
        for number, inner in enumerate(value):
            check_shape(inner, shape[0], f"{where}[{number}]")
    elif shape is not ANY:
        require(value, shape, where)


def require(value, types, where):
    """Raise a ValueError unless the value is of one of the types; true and false are no numbers."""
    types = types if isinstance(types, tuple) else (types,)
    if isinstance(value, types) and not (isinstance(value, bool) and bool not in types):
        return
    expected = " or ".join({dict: "an object", list: "a list", **NAMES}[kind] for kind in types)
    raise ValueError(f"`{where or 'it'}` must be {expected}, got {shorten(value)}")


def join(where, key):
    return f"{where}.{key}" if where else str(key)


def shorten(value):
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    text = repr(value)
    return text if len(text) < 60 else text[:57] + "..."
