"""Graphs of operators: what a part of a network computes from its tensors, whatever their sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Graph", "Node", "Operator", "Parameter"]


LARGE = 1 << 20  # a height and width for which every operator has a result


class Parameter(NamedTuple):
    """A part of a tensor: weights, norms' statistics, factors.

    `per_image` is above zero if there is one number for each image, so far apart.
    """

    tensor: int
    offset: int = 0
    per_image: int = 0


@dataclass(frozen=True)
class Operator:
    """An operator with what it knows besides its inputs: sizes and parameters.

    An operator is told from another by its fields, so two nodes of equal operators and inputs are one.
    """

    # whether the backward program computes the value again, in the cache, instead of keeping it
    recomputed = False
    # whether its gradient waits for that of its input, which other operators read, too
    deferred = False
    # whether it needs no more of its input than the shape
    reads_shape_alone = False
    # whether its gradient is read in one place only, where it is used
    local_gradient = False
    # whether `forward` takes a norm of running statistics into its weights
    takes_norm = False

    def shape(self, inputs: list[tuple[int, int, int]]) -> tuple[int, int, int]:
        """Return channels, height and width from those of the inputs."""
        raise NotImplementedError

    def parameters(self) -> list[Parameter]:
        """Return what the operator reads that may have a gradient."""
        return []

    def borders(self, position: int) -> int:
        """Return how wide a border of zeros the operator reads around an input."""
        return 0

    def forward(self, lowering, node: Node):
        """Emit the operator; return its `Form`."""
        raise NotImplementedError

    def contribute(self, backward, node: Node, position: int) -> None:
        """Add to the gradient of an input what is but a form; emits nothing but the coefficients of one."""

    def adjoint(self, backward, node: Node, position: int) -> None:
        """Emit the gradients of an input and of the parameters that belong to it."""


class Node(NamedTuple):
    """An operator in its place; `inputs` are numbers of nodes before it."""

    number: int
    operator: Operator
    inputs: tuple[int, ...]


class Graph:
    """A graph under construction.

    Attributes:
        tensors: how many tensors it works on.
        nodes: in an order in which they can be computed.
        outputs: numbers of the nodes whose values it returns.
        channels: of every node's value.
        short_lived: whether it serves a few passes alone, such as those of a sample of operations. It is then compiled
            once for all gradients, of which a pass computes those that it wants.
    """

    def __init__(self, short_lived: bool = False):
        self.short_lived = short_lived
        self.tensors = 0
        self.nodes: list[Node] = []
        self.outputs: list[int] = []
        self.channels: list[int] = []
        self._numbers: dict[tuple, int] = {}

    def tensor(self) -> int:
        """Return the number of a new tensor."""
        self.tensors += 1
        return self.tensors - 1

    def add(self, operator: Operator, *inputs: int) -> int:
        """Return the number of the node that applies an operator to the values of others."""
        key = (operator, inputs)
        if key not in self._numbers:
            self._numbers[key] = len(self.nodes)
            self.nodes.append(Node(len(self.nodes), operator, inputs))
            # heights and widths are not known yet; channels do not depend on them
            shape = operator.shape([(self.channels[number], LARGE, LARGE) for number in inputs])
            self.channels.append(shape[0])
        return self._numbers[key]
