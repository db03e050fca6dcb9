"""Where a search is."""

from __future__ import annotations

import dataclasses

__all__ = ["Progress"]


@dataclasses.dataclass(frozen=True)
class Progress:
    """A place in a search: what anneals is a function of it.

    Attributes:
        epoch: counted from 0.
        step: of this epoch, counted from 0.
        epochs: how many there are.
        steps: how many an epoch has, as far as is known.
    """

    epoch: int
    step: int
    epochs: int
    steps: int

    @property
    def fraction(self):
        """epoch / epochs: 0 in the first epoch, below 1 in the last."""
        return self.epoch / self.epochs
