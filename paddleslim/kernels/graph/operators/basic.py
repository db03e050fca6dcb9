"""What a graph reads and writes: images in Paddle's layout; ReLU; channels taken from values and put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ... import layout, sums
from ..forms import form_of
from ..graph import Operator, Parameter
from ..schedule import OUT, View

__all__ = ["Block", "Concat", "Gather", "Image", "Relu"]


@dataclass(frozen=True)
class Image(Operator):
    """The images of a tensor, `[N, channels, H, W]` in Paddle's layout."""

    tensor: int
    channels: int
    recomputed = True

    def shape(self, inputs):
        return self.channels, 0, 0  # the graph's setting says how large they are

    def parameters(self):
        return [Parameter(self.tensor)]

    def forward(self, lowering, node):
        return form_of(self.read(lowering, node.number, 0))

    def read(self, lowering, number, activate) -> View:
        """Emit the pixels, or ReLU of them."""
        pixels = lowering.pixels(number)
        lengths = (self.channels, lowering.channel_stride(number), pixels, activate)
        operands = (lowering.planes(self.tensor, self.channels * pixels), OUT)
        return lowering.schedule.compute(layout.from_planes, operands, lengths, lowering.length(number), local=True)

    def write_gradient(self, backward, node) -> None:
        """Emit the gradient of the tensor."""
        numbers = self.channels * backward.pixels(node.number)
        planes = backward.planes(self.tensor, numbers)
        gradient = backward.tensor_gradient(self.tensor, numbers)
        users, mask = backward.users(node.number), 0
        found = node.number
        if backward.is_masked(node):  # of a ReLU that is all that reads the images: the mask is theirs
            found, mask = users[0].number, 1
        lengths = (self.channels, backward.channel_stride(node.number), backward.pixels(node.number), mask)
        backward.schedule.emit(layout.to_planes, (backward.gradient(found), gradient, planes), lengths, (1,))
        backward.covered[self.tensor] = None


@dataclass(frozen=True)
class Relu(Operator):
    """max(x, 0); applied where its value is read."""

    recomputed = True

    def shape(self, inputs):
        return inputs[0]

    def adjoint(self, backward, node, position):
        (number,) = node.inputs
        if not backward.needs(number) or backward.is_masked(backward.graph.nodes[number]):
            return
        x, scale, shift = backward.scaled(number)
        gradient = backward.gradient(node.number)
        out, keep = backward.sum_of(number)
        lengths = (backward.channel_stride(number), backward.pixels(number), int(scale is not None), keep)
        operands = (gradient, x, out, scale or backward.ones, shift or backward.ones)
        backward.schedule.emit(sums.rectify_gradient, operands, lengths, (2,))


class Block(NamedTuple):
    """So many channels of an input, from `first` on and `stride` apart, that become those of the result likewise."""

    position: int
    channels: int
    first: int = 0
    stride: int = 1
    first_out: int = 0
    stride_out: int = 1


@dataclass(frozen=True)
class Gather(Operator):
    """Channels of the inputs in another order: slices, shuffles."""

    channels: int
    blocks: tuple[Block, ...]

    def shape(self, inputs):
        return (self.channels, *inputs[0][1:])

    def own_blocks(self, lowering, node) -> tuple[Block, ...]:
        """Return the blocks for inputs of these shapes."""
        return self.blocks

    def forward(self, lowering, node):
        out, blocks = lowering.new(node.number), self.own_blocks(lowering, node)
        channel_stride = lowering.channel_stride(node.number)
        if lowering.shapes[node.number][0] < channel_stride:
            lowering.schedule.emit(layout.clear, (out,), (lowering.length(node.number),))
        for block in blocks:
            number = node.inputs[block.position]
            steps = (block.first, block.stride, block.first_out, block.stride_out, 0)
            lengths = (block.channels, lowering.channel_stride(number), channel_stride, lowering.pixels(number), *steps)
            lowering.schedule.emit(layout.gather_channels, (lowering.buffer(number), out), lengths)
        return form_of(out)

    def adjoint(self, backward, node, position):
        number = node.inputs[position]
        if not backward.needs(number):
            return
        gradient, out = backward.gradient(node.number), backward.cleared_sum_of(number)
        strides = backward.channel_stride(node.number), backward.channel_stride(number)
        for block in self.own_blocks(backward, node):
            if block.position == position:
                steps = (block.first_out, block.stride_out, block.first, block.stride, 1)
                lengths = (block.channels, *strides, backward.pixels(number), *steps)
                backward.schedule.emit(layout.gather_channels, (gradient, out), lengths)


@dataclass(frozen=True)
class Concat(Gather):
    """The channels of all inputs, one after the other."""

    channels: int = 0
    blocks: tuple[Block, ...] = ()

    def shape(self, inputs):
        return (sum(channels for channels, _, _ in inputs), *inputs[0][1:])

    def own_blocks(self, lowering, node):
        blocks, first = [], 0
        for position, number in enumerate(node.inputs):
            blocks.append(Block(position, lowering.shapes[number][0], first_out=first))
            first += lowering.shapes[number][0]
        return tuple(blocks)
