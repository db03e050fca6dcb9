"""Arguments that are one number, or one for each dimension."""

from __future__ import annotations

__all__ = ["repeat"]


def repeat(value, count, name):
    """Return `value` as a list of `count` integers, one for each dimension.

    Raises:
        ValueError: it is neither one number nor `count` of them.
    """
    values = [value] * count if not isinstance(value, (list, tuple)) else list(value)
    if len(values) != count:
        raise ValueError(f"{name} must be a number or {count} of them, got {value!r}")
    return [int(number) for number in values]
