"""`fluid.layers.sequence_lod`: sequences of different lengths, without LoD only the mask."""

from __future__ import annotations

import paddle

from .._absent import absent
from .._variable import fluid_function
from ._shape import number

__all__ = ["sequence_mask"]


@fluid_function
def sequence_mask(x, maxlen=None, dtype="int64", name=None):
    """Return [..., maxlen] with ones before each length in x, zeros after it; `maxlen` is the longest if None."""
    longest = int(x.max().item()) if maxlen is None else number(maxlen)
    return (paddle.arange(longest, dtype=x.dtype) < x.unsqueeze(-1)).cast(dtype)


__getattr__ = absent(__name__)
