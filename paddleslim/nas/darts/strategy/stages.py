"""The stages of a search: fewer operations and wider cells as it proceeds (DrNAS: Chen et al., 2021, section 3.3)."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from .annealing import check_numbers, make_plain

__all__ = ["Stage", "Stages"]


@dataclasses.dataclass(frozen=True)
class Stage:
    """A part of a search.

    Attributes:
        begin: the share of the epochs that are over when it begins.
        operations: how many operations each edge keeps, the strongest; None for those it has.
        parts: only one of so many equal parts of the channels passes through the operations, see `PCDARTSSupernet`;
            None for what the supernet has.
        rest: share of the epochs of the whole search for which the alphas rest at the beginning of the stage.

    Raises:
        ValueError: a share is not in [0, 1], or a count is below 1.
    """

    begin: float = 0.0
    operations: Any = None
    parts: Any = None
    rest: float = 0.0

    def __post_init__(self):
        make_plain(self)
        check_numbers(0.0, 1.0, begin=self.begin, rest=self.rest)
        for name in ("operations", "parts"):
            value = getattr(self, name)
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise ValueError(f"{name} must be an integer of at least 1 or None, got {value!r}")


@dataclasses.dataclass(frozen=True)
class Stages:
    """Search on a small part of the channels first; then prune the weakest operations and widen the cells.

    By default the two stages of DrNAS in the space of DARTS: one sixth of the channels and seven operations, all but
    'none', in the first half of the epochs; a quarter of the channels and the four strongest operations of each edge in
    the second; the alphas rest for the first fifth of the epochs of either half. Channels must be a multiple of 12.

    When a stage begins, operations are ranked by what the mixture calls their strength, 'none' last. Weights and
    their velocity are carried over; new channels are copies of random ones, see `reshape_cells`. The mixture sees the
    alphas of the operations that are left; those of the others no longer count.

    Attributes:
        stages: `Stage` objects by their beginning; the first begins at 0.

    Raises:
        ValueError: there is none, their beginnings do not ascend from 0, or a later one has more operations.
        TypeError: one is no `Stage`.
    """

    stages: tuple = (
        Stage(0.0, operations=7, parts=6, rest=0.2),
        Stage(0.5, operations=4, parts=4, rest=0.2),
    )

    equation: ClassVar[str] = "operations of each edge pruned by their strength, and cells widened, as a stage begins"

    def __post_init__(self):
        object.__setattr__(self, "stages", tuple(self.stages))
        for stage in self.stages:
            if not isinstance(stage, Stage):
                raise TypeError(f"stages must be Stage objects, got {stage!r}")
        begins = [stage.begin for stage in self.stages]
        if not begins or begins[0] != 0 or any(one >= other for one, other in zip(begins, begins[1:])):
            raise ValueError(f"stages must begin at 0 and then later and later, got beginnings {begins}")
        counts = [stage.operations for stage in self.stages if stage.operations is not None]
        if any(one < other for one, other in zip(counts, counts[1:])):
            raise ValueError(f"a later stage cannot have more operations than an earlier one, got {counts}")

    def first_epoch(self, index, epochs):
        """Return the epoch with which a stage begins, of so many."""
        return round(self.stages[index].begin * epochs)

    def index(self, epoch, epochs):
        """Return the number of the stage that an epoch of so many belongs to."""
        return max(k for k in range(len(self.stages)) if self.first_epoch(k, epochs) <= epoch)

    def rests(self, epoch, epochs):
        """Return whether the alphas rest in an epoch of so many."""
        index = self.index(epoch, epochs)
        return epoch - self.first_epoch(index, epochs) < int(self.stages[index].rest * epochs)

    def curves(self, progress):
        """Return what changes with the epochs, by name: the number of the stage, from 1 on."""
        return {"stage": self.index(progress.epoch, progress.epochs) + 1}
