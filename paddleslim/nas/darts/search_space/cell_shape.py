"""What a cell consists of: its operations, grouped by the state they read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..genotype.edges import edge_count

__all__ = [
    "AUXILIARY_SKIP",
    "SKIPS",
    "CellShape",
    "Convolution",
    "CustomOperation",
    "EdgeOperation",
    "Group",
    "is_grouped",
    "separable",
]

AUXILIARY_SKIP = "auxiliary_skip"  # a skip connection of an edge beside its operations (DARTS-)
SKIPS = ("skip_connect", AUXILIARY_SKIP)


class Convolution(NamedTuple):
    """A depthwise convolution of a separable operation, followed by a pointwise one and a batch norm.

    The names are those of the per-edge layout, `state["cells.0._ops.3._ops.4.conv1.weight"]`, behind an operation's
    own.
    """

    depthwise: str
    pointwise: str
    norm: str
    size: int
    dilation: int
    stride: int


class EdgeOperation(NamedTuple):
    """An operation on an edge: its row and column in the mixture's weights, and the state the edge ends in."""

    edge: int
    column: int
    target: int

    def per_edge_name(self, name: str) -> str:
        """Return what the per-edge layout calls a tensor of the operation."""
        return f"_ops.{self.edge}._ops.{self.column}.{name}"


class Group(NamedTuple):
    """The operations of one name on edges that leave the same state."""

    source: int
    name: str
    stride: int
    edge_operations: tuple[EdgeOperation, ...]

    @property
    def targets(self) -> tuple[int, ...]:
        """The states in which the edges end."""
        return tuple(operation.target for operation in self.edge_operations)

    @property
    def is_reduction(self) -> bool:
        """Whether the operations are factorised reductions."""
        return self.name in SKIPS and self.stride == 2

    @property
    def is_shared(self) -> bool:
        """Whether all edges have the same result, of a pool or the identity."""
        return not self.is_reduction and separable(self.name) is None

    def per_edge_names(self, name: str) -> list[str]:
        """Return what the per-edge layout calls the operations' tensors of a name."""
        return [operation.per_edge_name(name) for operation in self.edge_operations]

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


class CustomOperation(NamedTuple):
    """An operation that the cell does not know: from state `source` to state `target`, computed on its own."""

    edge: int
    column: int
    name: str
    source: int
    target: int
    stride: int


def separable(name: str) -> tuple[str, int] | None:
    """Return the kind, 'sep_conv' or 'dil_conv', and the kernel size of an operation; None if it is another one."""
    kind, _, size = name.rpartition("_")
    if kind in ("sep_conv", "dil_conv") and size in ("3x3", "5x5", "7x7"):
        return kind, int(size[0])
    return None


def is_grouped(name: str) -> bool:
    """Return whether an operation is computed for all edges of a state at once."""
    return name in ("none", "max_pool_3x3", "avg_pool_3x3", *SKIPS) or separable(name) is not None


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
        ValueError: the channels cannot be divided into the parts, or an edge has an operation twice.
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
        for edge, names in enumerate(self.edges):
            twice = [name for name in names if name != "none" and names.count(name) > 1]
            if twice:
                raise ValueError(f"edge {edge} must have every operation once, got {twice[0]!r} {len(twice)} times")

    @property
    def mixed_channels(self) -> int:
        """The channels that pass through the operations."""
        return self.channels // self.parts

    def stride(self, source: int) -> int:
        """Return the stride of the edges that leave a state."""
        return 2 if self.reduction and source < 2 else 1

    def groups(self, source: int) -> list[Group]:
        """Return the groups of the operations that read state `source`, 'none' left out."""
        found: dict[str, list[EdgeOperation]] = {}
        for edge, target in self.edges_from(source):
            for column, name in enumerate(self.edges[edge]):
                if name != "none" and is_grouped(name):
                    found.setdefault(name, []).append(EdgeOperation(edge, column, target))
        return [Group(source, name, self.stride(source), tuple(operations)) for name, operations in found.items()]

    def custom_operations(self) -> list[CustomOperation]:
        """Return the operations that belong to no group and run one by one."""
        return [
            CustomOperation(edge, column, name, source, target, self.stride(source))
            for source in range(self.steps + 1)
            for edge, target in self.edges_from(source)
            for column, name in enumerate(self.edges[edge])
            if not is_grouped(name)
        ]

    def edges_from(self, source: int) -> list[tuple[int, int]]:
        """Return (edge, target) of the edges that leave a state; states 0 and 1 are the inputs."""
        first = max(source - 1, 0)
        return [(edge_count(step) + source, step + 2) for step in range(first, self.steps)]
