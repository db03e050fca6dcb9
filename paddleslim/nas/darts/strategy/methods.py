"""Search methods by name."""

from __future__ import annotations

from typing import Any

from .strategy import Strategy

__all__ = ["METHODS", "find_strategy"]

METHODS: dict[str, Any] = {"darts": Strategy()}


def find_strategy(strategy):
    """Return the `Strategy` of that name, or `strategy` itself if it is one; plain DARTS for None.

    Raises:
        ValueError: no method has that name.
        TypeError: it is neither.
    """
    if strategy is None:
        return Strategy()
    if isinstance(strategy, str):
        if strategy not in METHODS:
            raise ValueError(f"strategy {strategy!r} is unknown; known are {', '.join(METHODS)}")
        return METHODS[strategy]
    if not isinstance(strategy, Strategy):
        raise TypeError(f"strategy must be a Strategy or one of {', '.join(METHODS)}, got {strategy!r}")
    return strategy
