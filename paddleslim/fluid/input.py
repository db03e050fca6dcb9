"""`fluid.input`: one-hot rows."""

from __future__ import annotations

from ._absent import absent
from ._variable import fluid_function
from .layers._shape import encode, number

__all__ = ["one_hot"]


@fluid_function
def one_hot(input, depth, allow_out_of_range=False):
    """Return [..., depth] for numbers [...], all zero but a 1 at the number; see also `fluid.layers.one_hot`."""
    return encode(input, number(depth), allow_out_of_range)


__getattr__ = absent(__name__)
