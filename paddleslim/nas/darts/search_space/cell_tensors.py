"""The weights and norms of a cell, of which one holds for many edges what the per-edge layout holds for each."""

from __future__ import annotations

from typing import NamedTuple

from .cell_shape import CellShape
from .out_edges import FusedGroup, out_edges_of

__all__ = ["Owned", "tensors_of"]


class Owned(NamedTuple):
    """A tensor of a cell, or a norm: its shape, and what the per-edge layout calls each of its equal parts.

    A part has several names where edges share what the per-edge layout holds for each.
    """

    shape: list[int]
    parts: list[list[str]]


def tensors_of(shape: CellShape) -> dict[str, Owned]:
    """Return the weights and norms that a cell owns, by name; the shape of a norm is `[channels]`."""
    c = shape.channels
    found: dict[str, Owned] = {}

    def own(name, *shape):
        found[name] = Owned([*shape], [[name]])

    for k, before in enumerate(shape.channels_before):
        if k == 0 and shape.reduction_before:
            own(f"preprocess{k}.conv1.weight", c // 2, before, 1, 1)
            own(f"preprocess{k}.conv2.weight", c - c // 2, before, 1, 1)
        else:
            own(f"preprocess{k}.conv.weight", c, before, 1, 1)
    found["preprocess.bn"] = Owned([2 * c], [["preprocess0.bn"], ["preprocess1.bn"]])
    for out_edges in out_edges_of(shape):
        for name, groups in out_edges.shared.items():
            if "pool" in name:
                parts = [group.per_edge_names("1") for group in groups]
                found[f"out_edges.{out_edges.sources[0]}.{name}.bn"] = Owned([len(parts) * shape.mixed_channels], parts)
        for fused in out_edges.fused_groups:
            found.update(
                (fused.prefix + name, owned) for name, owned in fused_tensors(fused, shape.mixed_channels).items()
            )
    return found


def fused_tensors(fused: FusedGroup, c: int) -> dict[str, Owned]:
    found: dict[str, Owned] = {}

    def own(name, parts, *shape):
        found[name] = Owned([len(parts) * shape[0], *shape[1:]], [[part] for part in parts])

    def per_edge_names(groups, name):
        return [part for group in groups for part in group.per_edge_names(name)]

    if fused.is_reduction:
        own("conv1.weight", per_edge_names(fused.groups, "conv1.weight"), c // 2, c, 1, 1)
        own("conv2.weight", per_edge_names(fused.groups, "conv2.weight"), c - c // 2, c, 1, 1)
        own("bn", per_edge_names(fused.groups, "bn"), c)
        return found
    pointwise, norms = [], []
    for name, groups in fused.by_name().items():
        *first, last = groups[0].convolutions()
        for conv in first:
            own(f"{name}.{conv.depthwise}", per_edge_names(groups, conv.depthwise), c, 1, conv.size, conv.size)
            own(f"{name}.{conv.pointwise}", per_edge_names(groups, conv.pointwise), c, c, 1, 1)
            own(f"{name}.{conv.norm}", per_edge_names(groups, conv.norm), c)
        own(f"{name}.{last.depthwise}", per_edge_names(groups, last.depthwise), c, 1, last.size, last.size)
        pointwise += per_edge_names(groups, last.pointwise)
        norms += per_edge_names(groups, last.norm)
    own("conv.weight", pointwise, c, c, 1, 1)
    own("bn", norms, c)
    return found
