"""`fluid.dygraph_grad_clip` of Paddle 1.7: gradients held within bounds, given to `minimize` as `grad_clip`."""

from __future__ import annotations

from ._absent import absent
from .clip import GradientClipByGlobalNorm, GradientClipByNorm, GradientClipByValue

__all__ = ["GradClipByGlobalNorm", "GradClipByNorm", "GradClipByValue"]


class GradClipByValue(GradientClipByValue):
    """Each element between `min_value` and `max_value`; with one number, between minus and plus it."""

    def __init__(self, min_value, max_value=None):
        low, high = (-min_value, min_value) if max_value is None else (min_value, max_value)
        super().__init__(max=high, min=low)


class GradClipByNorm(GradientClipByNorm):
    """Each gradient scaled down to norm `clip_norm` where it is longer."""

    def __init__(self, clip_norm):
        super().__init__(clip_norm)


class GradClipByGlobalNorm(GradientClipByGlobalNorm):
    """All gradients scaled by one factor, so that their common norm is at most `max_global_norm`."""

    def __init__(self, max_global_norm, dtype="float32"):
        super().__init__(max_global_norm)


__getattr__ = absent(__name__)
