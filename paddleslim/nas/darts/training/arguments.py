"""Arguments of a search, checked at once."""

from __future__ import annotations

import math
import pathlib
import tempfile

import numpy as np

__all__ = ["check_choice", "check_counts", "check_factors", "check_rates", "check_writable"]


def check_writable(folder):
    """Raise an OSError unless files can be written to `folder`, which is made if need be."""
    try:
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise type(error)(
            error.errno, f"save_dir cannot be written ({error.strerror}); choose another", str(folder)
        ) from error


def check_counts(least, **counts):
    """Raise a ValueError for the first of the named arguments that is no whole number of at least `least`."""
    for name, value in counts.items():
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
            raise ValueError(f"{name} must be a whole number of at least {least}, got {value!r}")


def check_choice(choices, **named):
    """Raise a ValueError for the first of the named arguments that is neither None nor one of `choices`."""
    for name, value in named.items():
        if value is not None and value not in choices:
            raise ValueError(f"{name} must be None or one of {', '.join(map(repr, choices))}, got {value!r}")


def check_rates(**rates):
    """Raise a ValueError for the first of the named arguments that is no finite number above 0."""
    for name, value in rates.items():
        if not is_number(value) or value <= 0:
            raise ValueError(f"{name} must be a number above 0, got {value!r}")


def check_factors(**factors):
    """Raise a ValueError for the first of the named arguments that is not at least 0 and below 1."""
    for name, value in factors.items():
        if not is_number(value) or not 0 <= value < 1:
            raise ValueError(f"{name} must be at least 0 and below 1, got {value!r}")


def is_number(value):
    return isinstance(value, (int, float, np.number)) and math.isfinite(value)
