"""The counter of steps of static graphs, as dygraph had it."""

from __future__ import annotations

from .tensor import fill_constant

__all__ = ["autoincreased_step_counter"]


def autoincreased_step_counter(counter_name=None, begin=1, step=1):
    """Return `begin` as an int64 variable [1]: in dygraph each call of 1.8 made a new counter, so it never counted."""
    return fill_constant([1], "int64", begin)
