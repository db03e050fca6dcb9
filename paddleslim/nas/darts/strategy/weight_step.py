"""What surrounds a weight step."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import ClassVar

__all__ = ["Unperturbed"]


@dataclasses.dataclass(frozen=True)
class Unperturbed:
    """A plain weight step."""

    equation: ClassVar[str] = "w trained on L_train(w, a)"

    def start(self, problem):
        """Return what surrounds the weight steps of one search."""
        return PlainStep()


class PlainStep:
    """Nothing around a weight step, and no state."""

    def around(self, train_batch, valid_batch, progress, make_generator):
        """Return a context for one weight step."""
        return contextlib.nullcontext()

    def get_state(self):
        return {}

    def set_state(self, state):
        pass
