"""Which operations of a cell are computed together, and share tensors."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from .cell_shape import CellShape, Group

__all__ = ["Bundle", "FanShape", "fans_of"]


class Bundle(NamedTuple):
    """Groups of a fan that end in the same states and share their last pointwise convolution and norm.

    The channels of their results are ordered by operation, source and target.
    """

    prefix: str
    targets: tuple[int, ...]
    groups: tuple[Group, ...]

    @property
    def is_reduction(self) -> bool:
        """Whether the operations are factorised reductions."""
        return self.groups[0].is_reduction

    def by_name(self) -> dict[str, list[Group]]:
        """Return the groups of each operation, one for each of its sources."""
        return by_name(self.groups)


class FanShape(NamedTuple):
    """The operations that read the states `sources`: both inputs of a cell, which are of one size, or one other state.

    Bundles hold what differs from edge to edge; there are several in a table whose edges differ. `shared` are the pools
    and the identity by name, one group for each source, and `shared_targets` the states that receive them. `targets`
    are all states behind the sources.
    """

    sources: tuple[int, ...]
    stride: int
    bundles: tuple[Bundle, ...]
    shared: dict[str, list[Group]]
    shared_targets: tuple[int, ...]
    targets: tuple[int, ...]


@cache
def fans_of(shape: CellShape) -> list[FanShape]:
    """Return the fans of a cell, in the order in which they can be computed."""
    return [fan_of(shape, sources) for sources in [(0, 1), *((source,) for source in range(2, shape.steps + 1))]]


def fan_of(shape: CellShape, sources: tuple[int, ...]) -> FanShape:
    groups = [group for source in sources for group in shape.groups(source)]
    shared = by_name([group for group in groups if group.is_shared])
    bundled: dict[tuple, list[Group]] = {}
    for same in by_name([group for group in groups if not group.is_shared]).values():
        for group in same:
            bundled.setdefault((group.is_reduction, group.targets), []).append(group)
    bundles = [
        Bundle(f"fans.{sources[0]}.{number}.", targets, tuple(found))
        for number, ((_, targets), found) in enumerate(bundled.items())
    ]
    shared_targets = {target for group in groups if group.is_shared for target in group.targets}
    targets = tuple(range(sources[-1] + 1, shape.steps + 2))
    return FanShape(sources, shape.stride(sources[0]), tuple(bundles), shared, tuple(sorted(shared_targets)), targets)


def by_name(groups) -> dict[str, list[Group]]:
    """Return the groups of each operation."""
    found: dict[str, list[Group]] = {}
    for group in groups:
        found.setdefault(group.name, []).append(group)
    return found
