"""`paddle.compat` of Paddle 1.8: texts and bytes, and numbers as Python 2 had them."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["floor_division", "get_exception_message", "long_type", "round", "to_bytes", "to_text"]

int_type = long_type = int


def convert_items(convert, value, inplace):
    """Return `value` converted: item by item for a list, set or dict, which is changed itself where `inplace`."""
    if not isinstance(value, (list, set, dict)):
        return convert(value)
    if isinstance(value, dict):
        converted: Any = {convert(key): convert(item) for key, item in value.items()}
    else:
        converted = type(value)(map(convert, value))
    if not inplace:
        return converted
    if isinstance(value, list):
        value[:] = converted
    else:
        if isinstance(value, set):  # as in Paddle 1.8 the old keys of a dict stay beside the new ones
            value.clear()
        value.update(converted)
    return value


def to_text(obj, encoding="utf-8", inplace=False):
    """Return bytes as text, also those in a list, set or dict; texts, None, booleans and floats as they are."""

    def convert(value):
        return value.decode(encoding) if isinstance(value, bytes) else value

    return convert_items(convert, obj, inplace)


def to_bytes(obj, encoding="utf-8", inplace=False):
    """Return text as bytes, also that in a list or set; bytes and None as they are.

    Raises:
        TypeError: a value is neither text nor bytes.
    """

    def convert(value):
        if value is None or isinstance(value, bytes):
            return value
        if not isinstance(value, str):
            raise TypeError(f"to_bytes takes text or bytes, got {type(value).__name__}")
        return value.encode(encoding)

    if isinstance(obj, dict):
        raise TypeError("to_bytes takes text, bytes, or a list or set of them, got dict")
    return convert_items(convert, obj, inplace)


def round(x, d=0):
    """Return the number rounded to `d` digits, halves away from zero, as a float."""
    power = 10**d
    if x > 0.0:
        return float(math.floor(x * power + 0.5)) / power
    if x < 0.0:
        return float(math.ceil(x * power - 0.5)) / power
    return math.copysign(0.0, x)


def floor_division(x, y):
    """Return x // y."""
    return x // y


def get_exception_message(exc):
    """Return the message of an exception."""
    return str(exc)
