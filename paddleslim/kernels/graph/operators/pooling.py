"""Max and average pooling, and the mean over all pixels."""

from __future__ import annotations

from dataclasses import dataclass

from ... import layout, pooling
from ..forms import form_of
from ..graph import Operator
from ..schedule import OUT

__all__ = ["Mean", "Pool"]


@dataclass(frozen=True)
class Pool(Operator):
    """The largest number or the mean of every window.

    Args:
        kind: 'max', or 'average', of which a border counts if `inclusive`.
        size, stride, border: of the windows.
        ceil: whether a last window may reach beyond the border.
    """

    kind: str
    size: int
    stride: int
    border: int
    inclusive: bool = False
    ceil: bool = False
    local_gradient = True

    def shape(self, inputs):
        channels, height, width = inputs[0]
        return channels, self.along(height), self.along(width)

    def along(self, length: int) -> int:
        """Return the height or width of the result."""
        last = length + 2 * self.border - self.size + (self.stride - 1 if self.ceil else 0)
        return last // self.stride + 1

    def lengths(self, lowering, node):
        """Return the integers of the kernels."""
        sizes = (*lowering.shapes[node.inputs[0]][1:], *lowering.shapes[node.number][1:])
        found = (lowering.channel_stride(node.number), *sizes, self.stride, self.size, self.border)
        return found if self.kind == "max" else (*found, int(self.inclusive))

    def forward(self, lowering, node):
        kernel = pooling.max_pool if self.kind == "max" else pooling.average_pool
        operands, numbers = (lowering.buffer(node.inputs[0]), OUT), lowering.length(node.number)
        return form_of(lowering.schedule.compute(kernel, operands, self.lengths(lowering, node), numbers))

    def adjoint(self, backward, node, position):
        (number,) = node.inputs
        if not backward.needs(number):
            return
        gradient, out = backward.gradient(node.number), backward.cleared_sum_of(number)
        lengths = self.lengths(backward, node)
        if self.kind == "max":
            operands = (backward.buffer(number), backward.buffer(node.number), gradient, out)
            backward.schedule.emit(pooling.max_pool_gradient, operands, lengths)
        else:
            backward.schedule.emit(pooling.average_pool_gradient, (gradient, out), lengths)


@dataclass(frozen=True)
class Mean(Operator):
    """The mean over all pixels of an image, an image of one pixel."""

    def shape(self, inputs):
        return inputs[0][0], 1, 1

    def forward(self, lowering, node):
        (number,) = node.inputs
        lengths = (lowering.channel_stride(number), lowering.pixels(number))
        operands = (lowering.buffer(number), OUT)
        return form_of(lowering.schedule.compute(layout.average_pixels, operands, lengths, lengths[0]))

    def adjoint(self, backward, node, position):
        (number,) = node.inputs
        if not backward.needs(number):
            return
        gradient = backward.gradient(node.number)
        out, keep = backward.sum_of(number)
        lengths = (backward.channel_stride(number), backward.pixels(number), keep)
        backward.schedule.emit(layout.broadcast_pixels, (gradient, out), lengths)
