"""What ranks send each other as bytes: JSON, so that nothing a message holds can be run, as a pickle could."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

__all__ = ["decode", "encode"]


def encode(value):
    """Return a value of numbers, texts, None, arrays, lists, tuples and dictionaries as bytes for `decode`.

    Raises:
        TypeError: it holds something else.
    """
    return json.dumps(describe(value)).encode()


def decode(content):
    """Return the value that `encode` was given."""
    return recall(json.loads(content))


def describe(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list):
        return [describe(part) for part in value]
    if isinstance(value, tuple):
        return {"tuple": [describe(part) for part in value]}
    if isinstance(value, dict):
        return {"dict": [[describe(key), describe(part)] for key, part in value.items()]}
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        content = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode()
        return {"array": [value.dtype.str, list(value.shape), content]}
    raise TypeError(f"ranks send each other numbers, texts, arrays and containers, got {type(value).__name__}")


def recall(found: Any) -> Any:
    if isinstance(found, list):
        return [recall(part) for part in found]
    if not isinstance(found, dict):
        return found
    ((kind, content),) = found.items()
    if kind == "tuple":
        return tuple(recall(part) for part in content)
    if kind == "dict":
        return {recall(key): recall(part) for key, part in content}
    dtype, shape, text = content
    return np.frombuffer(bytearray(base64.b64decode(text)), dtype).reshape(shape)
