"""Masked arrays of numpy: an array of Paddle's has no mask, so that values which do not count would come to count."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["MASKED", "holds_masked"]

MASKED = "masked array, whose mask would be lost; fill it, array.filled(0), or yield the mask as a further array"


def holds_masked(values: Any) -> bool:
    """Whether values are a masked array, or a list of some, nested or not; whatever the mask says."""
    if isinstance(values, (list, tuple)):
        return any(map(holds_masked, values))
    return isinstance(values, np.ma.MaskedArray)
