"""Genotypes of a user's own type for readers who know nothing of its types."""

from __future__ import annotations

import collections
import dataclasses
import enum
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from .attributes import attributes_of, is_own_class
from .encoding import is_tensor

__all__ = ["as_plain"]

LISTS = (list, tuple, set, frozenset, range, collections.deque)


def as_plain(value: Any) -> Any:
    """Return a value in what JSON has of its own: objects, lists, numbers and texts."""
    if isinstance(value, enum.Enum):
        return value.name or str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.ndarray) or is_tensor(value):
        return as_plain(value.tolist())
    if isinstance(value, np.generic):
        return value.item() if value.dtype.kind in "biufU" else str(value)
    fields = fields_of(value)
    if fields is not None:
        return {str(as_plain(key)): as_plain(part) for key, part in fields.items()}
    return [as_plain(part) for part in list(value)] if isinstance(value, LISTS) else str(value)


def fields_of(value):
    """Return what a mapping or an object holds by name; None if it is neither."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return value._asdict()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    return attributes_of(value) if is_own_class(type(value)) and not isinstance(value, Collection) else None
