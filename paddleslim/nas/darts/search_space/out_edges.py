"""Which operations of a cell are computed together, and share tensors."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from .cell_shape import CellShape, Group

__all__ = ["FusedGroup", "OutEdges", "out_edges_of"]


class FusedGroup(NamedTuple):
    """Groups of out-edges that end in the same states and share their last pointwise convolution and norm.

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


class OutEdges(NamedTuple):
    """The operations that read the states `sources`: both inputs of a cell, which are of one size, or one other state.

    The fused groups hold what differs from edge to edge; there are several in a table whose edges differ. `shared` are
    the pools and the identity by name, one group for each source, and `shared_targets` the states that receive them.
    `targets` are all states behind the sources.
    """

    sources: tuple[int, ...]
    stride: int
    fused_groups: tuple[FusedGroup, ...]
    shared: dict[str, list[Group]]
    shared_targets: tuple[int, ...]
    targets: tuple[int, ...]


@cache
def out_edges_of(shape: CellShape) -> list[OutEdges]:
    """Return the out-edges of a cell, in the order in which they can be computed."""
    read_together = [(0, 1), *((source,) for source in range(2, shape.steps + 1))]
    return [group_out_edges(shape, sources) for sources in read_together]


def group_out_edges(shape: CellShape, sources: tuple[int, ...]) -> OutEdges:
    groups = [group for source in sources for group in shape.groups(source)]
    shared = by_name([group for group in groups if group.is_shared])
    found: dict[tuple, list[Group]] = {}
    for same in by_name([group for group in groups if not group.is_shared]).values():
        for group in same:
            found.setdefault((group.is_reduction, group.targets), []).append(group)
    fused_groups = [
        FusedGroup(f"out_edges.{sources[0]}.{number}.", targets, tuple(same))
        for number, ((_, targets), same) in enumerate(found.items())
    ]
    shared_targets = {target for group in groups if group.is_shared for target in group.targets}
    targets = tuple(range(sources[-1] + 1, shape.steps + 2))
    stride = shape.stride(sources[0])
    return OutEdges(sources, stride, tuple(fused_groups), shared, tuple(sorted(shared_targets)), targets)


def by_name(groups) -> dict[str, list[Group]]:
    """Return the groups of each operation."""
    found: dict[str, list[Group]] = {}
    for group in groups:
        found.setdefault(group.name, []).append(group)
    return found
