"""The weights and norms of a cell, of which one holds for many edges what the plain form holds for each."""

from __future__ import annotations

from typing import NamedTuple

from .cell_fans import Bundle, fans_of
from .cell_shape import CellShape

__all__ = ["Owned", "tensors_of"]


class Owned(NamedTuple):
    """A tensor of a cell, or a norm: its shape, and what the plain form calls each of its equal parts.

    A part has several names where edges share what the plain form holds for each.
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
    for fan in fans_of(shape):
        for name, groups in fan.shared.items():
            if "pool" in name:
                parts = [group.plain("1") for group in groups]
                found[f"fans.{fan.sources[0]}.{name}.bn"] = Owned([len(parts) * shape.mixed_channels], parts)
        for bundle in fan.bundles:
            found.update(
                (bundle.prefix + name, owned) for name, owned in bundle_tensors(bundle, shape.mixed_channels).items()
            )
    return found


def bundle_tensors(bundle: Bundle, c: int) -> dict[str, Owned]:
    found: dict[str, Owned] = {}

    def own(name, plain, *shape):
        found[name] = Owned([len(plain) * shape[0], *shape[1:]], [[part] for part in plain])

    def plain(groups, name):
        return [part for group in groups for part in group.plain(name)]

    if bundle.is_reduction:
        own("conv1.weight", plain(bundle.groups, "conv1.weight"), c // 2, c, 1, 1)
        own("conv2.weight", plain(bundle.groups, "conv2.weight"), c - c // 2, c, 1, 1)
        own("bn", plain(bundle.groups, "bn"), c)
        return found
    pointwise, norms = [], []
    for name, groups in bundle.by_name().items():
        *first, last = groups[0].convolutions()
        for conv in first:
            own(f"{name}.{conv.depthwise}", plain(groups, conv.depthwise), c, 1, conv.size, conv.size)
            own(f"{name}.{conv.pointwise}", plain(groups, conv.pointwise), c, c, 1, 1)
            own(f"{name}.{conv.norm}", plain(groups, conv.norm), c)
        own(f"{name}.{last.depthwise}", plain(groups, last.depthwise), c, 1, last.size, last.size)
        pointwise += plain(groups, last.pointwise)
        norms += plain(groups, last.norm)
    own("conv.weight", pointwise, c, c, 1, 1)
    own("bn", norms, c)
    return found
