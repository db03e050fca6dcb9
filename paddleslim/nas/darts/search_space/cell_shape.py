"""What a cell consists of: its operations grouped by the state they read, and the tensors they own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["CellShape", "Convolution", "Group", "Other", "is_grouped", "separable"]


class Convolution(NamedTuple):
    """A depthwise convolution of a separable operation, followed by a pointwise one and a batch norm."""

    depthwise: str
    pointwise: str
    norm: str
    size: int
    dilation: int
    stride: int


class Group(NamedTuple):
    """The operations of one name on edges that leave the same state.

    `members` are (edge, column, target): which row and column of the mixture's weights they have, and the state the
    edge ends in.
    """

    source: int
    name: str
    stride: int
    members: tuple[tuple[int, int, int], ...]

    @property
    def prefix(self) -> str:
        """The beginning of the names of the group's tensors."""
        return f"fans.{self.source}.{self.name}."

    def convolutions(self) -> list[Convolution]:
        """Return the separable convolutions that follow one another; none if the operation is another one."""
        kind_and_size = separable(self.name)
        if kind_and_size is None:
            return []
        kind, size = kind_and_size
        if kind == "dil_conv":
            return [Convolution("conv1.weight", "conv2.weight", "bn1", size, 2, self.stride)]
        return [
            Convolution("conv1.weight", "conv2.weight", "bn1", size, 1, self.stride),
            Convolution("conv3.weight", "conv4.weight", "bn2", size, 1, 1),
        ]


class Other(NamedTuple):
    """An operation that the cell does not know: from state `source` to state `target`, computed on its own."""

    source: int
    name: str
    stride: int
    edge: int
    column: int
    target: int


def separable(name: str) -> tuple[str, int] | None:
    """Return the kind, 'sep_conv' or 'dil_conv', and the kernel size of an operation; None if it is another one."""
    kind, _, size = name.rpartition("_")
    if kind in ("sep_conv", "dil_conv") and size in ("3x3", "5x5", "7x7"):
        return kind, int(size[0])
    return None


def is_grouped(name: str) -> bool:
    """Return whether an operation is computed for all edges of a state at once."""
    return name in ("none", "max_pool_3x3", "avg_pool_3x3", "skip_connect") or separable(name) is not None


@dataclass(frozen=True)
class CellShape:
    """The shape of a cell.

    Args:
        channels_before: channels of the two inputs.
        channels: channels of every state.
        reduction: whether edges from the inputs have stride 2.
        reduction_before: whether the first input is twice as high and wide as the second.
        steps: inner states.
        multiplier: how many of the last states make the output.
        edges: for each edge the names of its operations; edges are ordered by the state they end in, then by the
            state they leave.
        parts: only one of so many equal parts of the channels passes through the operations (PC-DARTS).

    Raises:
        ValueError: the channels cannot be divided into the parts.
    """

    channels_before: tuple[int, int]
    channels: int
    reduction: bool
    reduction_before: bool
    steps: int
    multiplier: int
    edges: tuple[tuple[str, ...], ...]
    parts: int = 1

    def __post_init__(self):
        if self.channels % self.parts:
            raise ValueError(f"channels must be a multiple of {self.parts}, got {self.channels}")

    @property
    def mixed_channels(self) -> int:
        """The channels that pass through the operations."""
        return self.channels // self.parts

    def groups(self, source: int) -> list[Group]:
        """Return the groups of the operations that read state `source`, 'none' left out."""
        members: dict[str, list[tuple[int, int, int]]] = {}
        for edge, target in self.edges_from(source):
            for column, name in enumerate(self.edges[edge]):
                if name != "none" and is_grouped(name):
                    members.setdefault(name, []).append((edge, column, target))
        stride = 2 if self.reduction and source < 2 else 1
        return [Group(source, name, stride, tuple(found)) for name, found in members.items()]

    def others(self) -> list[Other]:
        """Return the operations that belong to no group and run one by one."""
        return [
            Other(source, name, 2 if self.reduction and source < 2 else 1, edge, column, target)
            for source in range(self.steps + 1)
            for edge, target in self.edges_from(source)
            for column, name in enumerate(self.edges[edge])
            if not is_grouped(name)
        ]

    def edges_from(self, source: int) -> list[tuple[int, int]]:
        """Return (edge, target) of the edges that leave a state; states 0 and 1 are the inputs."""
        first = max(source - 1, 0)
        return [(step * (step + 3) // 2 + source, step + 2) for step in range(first, self.steps)]

    def tensors(self) -> dict[str, list[int]]:
        """Return what a cell owns, by name: the shape of a weight, `[channels]` of a batch norm."""
        c = self.channels
        found: dict[str, list[int]] = {}
        for k, before in enumerate(self.channels_before):
            if k == 0 and self.reduction_before:
                found[f"preprocess{k}.conv1.weight"] = [c // 2, before, 1, 1]
                found[f"preprocess{k}.conv2.weight"] = [c - c // 2, before, 1, 1]
            else:
                found[f"preprocess{k}.conv.weight"] = [c, before, 1, 1]
            found[f"preprocess{k}.bn"] = [c]
        for source in range(self.steps + 1):
            for group in self.groups(source):
                found.update((group.prefix + name, shape) for name, shape in self._group_tensors(group).items())
        return found

    def _group_tensors(self, group: Group) -> dict[str, list[int]]:
        c, m = self.mixed_channels, len(group.members)
        if "pool" in group.name:
            return {"bn": [c]}
        if group.name == "skip_connect" and group.stride == 2:
            return {"conv1.weight": [m * (c // 2), c, 1, 1], "conv2.weight": [m * (c - c // 2), c, 1, 1], "bn": [m * c]}
        found: dict[str, list[int]] = {}
        for conv in group.convolutions():
            found[conv.depthwise] = [m * c, 1, conv.size, conv.size]
            found[conv.pointwise] = [m * c, c, 1, 1]
            found[conv.norm] = [m * c]
        return found
