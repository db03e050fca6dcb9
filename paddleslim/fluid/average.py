"""`fluid.average`: means over batches."""

from __future__ import annotations

import numpy as np

from ._absent import absent

__all__ = ["WeightedAverage"]


class WeightedAverage:
    """The mean of all values added, each with its weight."""

    def __init__(self):
        self.reset()

    def reset(self):
        """Forget all values."""
        self.numerator = self.denominator = None

    def add(self, value, weight):
        """Add a number or array."""
        total = np.asarray(value) * weight
        self.numerator = total if self.numerator is None else self.numerator + total
        self.denominator = weight if self.denominator is None else self.denominator + weight

    def eval(self):
        """Return the mean.

        Raises:
            ValueError: nothing has been added.
        """
        if not self.denominator:
            raise ValueError("there is nothing to average; call add(value, weight) first")
        return self.numerator / self.denominator


__getattr__ = absent(__name__)
