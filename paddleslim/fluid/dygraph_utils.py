"""`fluid.dygraph_utils`: activations by name, and lengths by dimension."""

from __future__ import annotations

__all__ = ["append_activation", "repeat"]


def append_activation(variable, act):
    """Return the activation named `act` of `variable`; the variable itself for None.

    Raises:
        ValueError: fluid had no activation of that name.
    """
    if act is None:
        return variable
    from . import layers

    if act not in layers.ops.ACTIVATIONS:
        raise ValueError(f"act must be one of {sorted(layers.ops.ACTIVATIONS)}, got {act!r}")
    return getattr(layers, act)(variable)


def repeat(value, count, name):
    """Return `value` as a list of `count` integers, one for each dimension.

    Raises:
        ValueError: it is neither one number nor `count` of them.
    """
    values = [value] * count if not isinstance(value, (list, tuple)) else list(value)
    if len(values) != count:
        raise ValueError(f"{name} must be a number or {count} of them, got {value!r}")
    return [int(number) for number in values]
