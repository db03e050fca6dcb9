"""Numbers that grow or shrink with the epochs of a search."""

from __future__ import annotations

import dataclasses

import numpy as np

from ....common.checks import is_number

__all__ = ["check_numbers", "check_range", "linear", "linear_to_last", "make_plain"]


def make_plain(part):
    """Let the fields of a frozen part of a strategy hold Python's numbers and tuples where numpy's or lists were given.

    So its text, which a run records and compares, is the same whatever kind of number it was made of.
    """
    for field in dataclasses.fields(part):
        object.__setattr__(part, field.name, plain(getattr(part, field.name)))


def plain(value):
    if isinstance(value, (np.generic, np.ndarray)):
        value = value.tolist()
    return tuple(map(plain, value)) if isinstance(value, (list, tuple)) else value


def linear(ends, progress):
    """Return start + (end - start) e / E in epoch e of E: the start in the first epoch, not yet the end in the last."""
    start, end = ends
    return start + (end - start) * progress.fraction


def linear_to_last(ends, progress):
    """Return start + (end - start) e / (E - 1): the start in the first epoch, the end in the last."""
    start, end = ends
    return start + (end - start) * progress.epoch / max(progress.epochs - 1, 1)


def check_numbers(least=0.0, most=float("inf"), **numbers):
    """Raise a ValueError for the first of the named numbers that is not in [least, most]."""
    for name, number in numbers.items():
        if not is_number(number) or not least <= number <= most:
            limits = f"at least {least:g}" if most == float("inf") else f"from {least:g} to {most:g}"
            raise ValueError(f"{name} must be a number {limits}, got {number!r}")


def check_range(least=0.0, most=float("inf"), **ranges):
    """Raise a ValueError for the first of the named values that is no pair (start, end) of numbers in [least, most]."""
    for name, ends in ranges.items():
        if not isinstance(ends, (tuple, list)) or len(ends) != 2:
            raise ValueError(f"{name} must be a pair (start, end), got {ends!r}")
        check_numbers(least, most, **{f"{name}[{k}]": end for k, end in enumerate(ends)})
