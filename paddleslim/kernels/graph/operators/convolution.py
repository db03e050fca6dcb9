"""Convolutions: pointwise ones of one or several inputs, depthwise ones, and those that mix all channels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ... import dense_conv2d, depthwise, gemm, layout
from ...simd import padded_channels
from ...tiles import computed_channels
from ..forms import form_of
from ..graph import Operator, Parameter
from ..schedule import OUT, View

__all__ = ["Dense", "Depthwise", "FoldedNorm", "Part", "Pointwise", "output_size"]


def output_size(length: int, size: int, stride: int, before: int, after: int, dilation: int) -> int:
    """Return the height or width of a convolution's result."""
    return (length + before + after - dilation * (size - 1) - 1) // stride + 1


class Part(NamedTuple):
    """An input of a pointwise convolution and the matrix `[outputs, inputs]` that it is multiplied with.

    Args:
        weight: where the matrix begins; its rows are `row` numbers apart.
        inputs, outputs: its sizes.
        row: see `weight`.
        first: the first row and column of the input that is read.
        column: which channel of the result the outputs begin with.
    """

    weight: Parameter
    inputs: int
    outputs: int
    row: int
    first: int = 0
    column: int = 0


@dataclass(frozen=True)
class Pointwise(Operator):
    """The sum of products of a matrix and every pixel, or every second one, of the inputs, one for each part."""

    channels: int
    parts: tuple[Part, ...]
    stride: int = 1
    local_gradient = True
    takes_norm = True

    def shape(self, inputs):
        _, height, width = inputs[0]
        return self.channels, -(-height // self.stride), -(-width // self.stride)

    def parameters(self):
        return [part.weight for part in self.parts]

    def forward(self, lowering, node, norm=None):
        out, channel_stride = lowering.new(node.number), lowering.channel_stride(node.number)
        bias, keep = bias_of(lowering, norm)
        for position, part in enumerate(self.parts):
            x = self.subsampled(lowering, node, position)
            packing = (part.inputs, part.outputs, 1, part.row, channel_stride, part.column)
            matrix = pack(lowering, part.weight, packing, norm)
            strides = (lowering.channel_stride(node.inputs[position]), 1, channel_stride, channel_stride)
            columns = computed_channels(self.channels)
            lengths = (lowering.pixels(node.number), part.inputs, columns, 1 if position else keep)
            lowering.schedule.emit(gemm.gemm, (x, matrix, out, bias), (*strides, *lengths), (2,))
        return form_of(out)

    def subsampled(self, lowering, node, position) -> View:
        """Emit the pixels of an input that are read."""
        number = node.inputs[position]
        x, first = lowering.buffer(number), self.parts[position].first
        if self.stride == 1 and first == 0:
            return x
        channel_stride = lowering.channel_stride(number)
        sizes = (*lowering.shapes[number][1:], *lowering.shapes[node.number][1:])
        numbers = lowering.pixels(node.number) * channel_stride
        lengths = (channel_stride, *sizes, self.stride, first)
        return lowering.schedule.compute(layout.subsample, (x, OUT), lengths, numbers, local=True)

    def adjoint(self, backward, node, position):
        part, number = self.parts[position], node.inputs[position]
        gradient = backward.gradient(node.number)
        if backward.wants(part.weight):
            self.weight_gradient(backward, node, position, gradient)
        if not backward.needs(number):
            return
        channel_stride, wide = backward.channel_stride(node.number), backward.channel_stride(number)
        pixels, gradient = backward.pixels(node.number), gradient.at(part.column)
        matrix = pack(backward, part.weight, (part.outputs, part.inputs, part.row, 1, wide, 0))
        lengths = (channel_stride, 1, wide, wide, pixels, part.outputs, computed_channels(part.inputs))
        if self.stride == 1 and part.first == 0:
            out, keep = backward.sum_of(number)
            backward.schedule.emit(gemm.gemm, (gradient, matrix, out), (*lengths, keep))
            return
        out = backward.cleared_sum_of(number)
        found = backward.schedule.compute(gemm.gemm, (gradient, matrix, OUT), (*lengths, 0), pixels * wide)
        sizes = (*backward.shapes[number][1:], *backward.shapes[node.number][1:])
        backward.schedule.emit(layout.unsubsample, (found, out), (wide, *sizes, self.stride, part.first))

    def weight_gradient(self, backward, node, position, gradient) -> None:
        """Emit the gradient of a part's matrix."""
        part, channel_stride = self.parts[position], backward.channel_stride(node.number)
        x, wide = self.subsampled(backward, node, position), backward.channel_stride(node.inputs[position])
        sizes = (part.inputs, backward.pixels(node.number), computed_channels(self.channels), 0)
        strides, numbers = (1, wide, channel_stride, channel_stride), part.inputs * channel_stride
        found = backward.schedule.compute(gemm.gemm, (x, gradient, OUT), (*strides, *sizes), numbers)
        reduce(backward, found, part.weight, (part.inputs, part.outputs, 1, part.row, channel_stride, part.column))


class FoldedNorm(NamedTuple):
    """What a norm of running statistics makes of a convolution: its weights times `scale`, and `shift` added."""

    scale: View
    shift: View


def bias_of(lowering, norm: FoldedNorm | None) -> tuple[View, int]:
    """Return what the sums of a convolution begin with and the `keep` that says so: the shift of a norm, or zero."""
    return (lowering.ones, 0) if norm is None else (norm.shift, 2)


def pack(lowering, weight, lengths, norm: FoldedNorm | None = None) -> View:
    """Emit a part of a weight in the kernels' order: rows, columns, their distances there, channel stride, column."""
    operands = (lowering.parameter(weight), OUT, lowering.ones if norm is None else norm.scale)
    lengths, numbers = (*lengths, int(norm is not None)), lengths[0] * lengths[4]
    return lowering.schedule.compute(layout.pack, operands, lengths, numbers, per_image=False, by_images=False)


def reduce(backward, parts, weight, lengths) -> None:
    """Emit the sum over the images of a weight's gradient, `lengths` being those of its packing."""
    out, keep = backward.parameter_gradient(weight, lengths[0] * lengths[1])
    backward.schedule.emit(layout.reduce_images, (parts, out), (*lengths, keep), by_images=False)


@dataclass(frozen=True)
class Windowed(Operator):
    """What depthwise and dense convolutions share; `padding` is (top, below, left, right)."""

    weight: Parameter
    size: int
    stride: int
    padding: tuple[int, int, int, int]
    dilation: int
    local_gradient = True
    takes_norm = True

    def spatial(self, height, width) -> tuple[int, int]:
        """Return height and width of the result."""
        top, below, left, right = self.padding
        down = output_size(height, self.size, self.stride, top, below, self.dilation)
        return down, output_size(width, self.size, self.stride, left, right, self.dilation)

    def parameters(self):
        return [self.weight]

    def borders(self, position):
        return max(self.padding)

    @property
    def reach(self) -> int:
        """How many pixels lie between the first and the last that a window covers."""
        return self.dilation * (self.size - 1)

    def padded(self, lowering, node) -> tuple[View, int]:
        """Emit the input in its border."""
        return lowering.padded(node.inputs[0], self.padding[0], self.padding[2])

    def padded_gradient(self, backward, node, gradient) -> tuple[View, int]:
        """Emit the result's gradient, spread by the stride, in the border in which the turned kernel reads it."""
        number, channel_stride = node.inputs[0], backward.channel_stride(node.number)
        _, height, width = backward.shapes[number]
        out_height, out_width = backward.shapes[node.number][1:]
        if self.stride > 1:
            spread = (out_height - 1) * self.stride + 1, (out_width - 1) * self.stride + 1
            numbers = spread[0] * spread[1] * channel_stride
            x = backward.temporary(numbers)
            backward.schedule.emit(layout.clear, (x,), (numbers,))
            sizes = (channel_stride, *spread, out_height, out_width, self.stride, 0)
            backward.schedule.emit(layout.unsubsample, (gradient, x), sizes)
            gradient, (out_height, out_width) = x, spread
        top, left = self.reach - self.padding[0], self.reach - self.padding[2]
        below, right = height + self.padding[0] - out_height, width + self.padding[2] - out_width
        operands = (gradient, OUT, backward.ones, backward.ones)
        row = (left + out_width + right) * channel_stride
        lengths = (channel_stride, out_height, out_width, top, below, left, right, 0)
        numbers = (top + out_height + below) * row
        return backward.schedule.compute(depthwise.pad, operands, lengths, numbers, local=True), row


@dataclass(frozen=True)
class Depthwise(Windowed):
    """A convolution of every channel with a kernel of its own, `[channels, 1, size, size]`."""

    recomputed = True
    deferred = True

    def shape(self, inputs):
        channels, height, width = inputs[0]
        return (channels, *self.spatial(height, width))

    def packed(self, lowering, node, norm=None) -> View:
        """Emit the kernels as `[size * size, channel stride]`."""
        channels, taps = lowering.shapes[node.number][0], self.size**2
        return pack(lowering, self.weight, (taps, channels, 1, taps, lowering.channel_stride(node.number), 0), norm)

    def forward(self, lowering, node, norm=None):
        x, row = self.padded(lowering, node)
        channel_stride = lowering.channel_stride(node.number)
        sizes = (*lowering.shapes[node.number][1:], self.size, self.stride, self.dilation)
        bias, keep = bias_of(lowering, norm)
        lengths = (channel_stride, channel_stride, *sizes, row, keep)
        operands = (x, self.packed(lowering, node, norm), OUT, bias)
        numbers = lowering.length(node.number)
        return form_of(lowering.schedule.compute(depthwise.depthwise, operands, lengths, numbers, local=True))

    def adjoint(self, backward, node, position):
        (number,), gradient = node.inputs, backward.gradient(node.number)
        channels, height, width = backward.shapes[number]
        channel_stride, taps = backward.channel_stride(number), self.size**2
        sizes = (*backward.shapes[node.number][1:], self.size, self.stride, self.dilation)
        if backward.wants(self.weight):
            x, row = self.padded(backward, node)
            kernel, lengths = depthwise.depthwise_weight_gradient, (channel_stride, *sizes, row)
            found = backward.schedule.compute(kernel, (x, gradient, OUT), lengths, taps * channel_stride)
            reduce(backward, found, self.weight, (taps, channels, 1, taps, channel_stride, 0))
        if not backward.needs(number):
            return
        kernels = self.packed(backward, node)
        if self.stride == 1 and max(self.padding) <= self.reach:
            # the kernel, turned round, carries the gradient back
            x, row = self.padded_gradient(backward, node, gradient)
            out, keep = backward.sum_of(number)
            lengths = (-channel_stride, channel_stride, height, width, self.size, 1, self.dilation, row, keep)
            operands = (x, kernels.at((taps - 1) * channel_stride), out)
            backward.schedule.emit(depthwise.depthwise, operands, lengths)
            return
        top, below, left, right = self.padding
        row = (left + width + right) * channel_stride
        total = (top + height + below) * row
        source, strides = (gradient, kernels, OUT), (channel_stride, *sizes, row, total)
        found = backward.schedule.compute(depthwise.scatter_adjoint, source, strides, total)
        out, keep = backward.sum_of(number)
        backward.schedule.emit(depthwise.crop, (found, out), (channel_stride, height, width, top, left, row, keep))


@dataclass(frozen=True)
class Dense(Windowed):
    """A convolution in which every output channel sees every input channel, `[outputs, channels, size, size]`."""

    outputs: int

    def shape(self, inputs):
        _, height, width = inputs[0]
        return (self.outputs, *self.spatial(height, width))

    def packed(self, lowering, node, turned: bool, norm=None) -> View:
        """Emit the kernels as `[size * size, inputs, channel stride]`, or turned, with outputs for inputs."""
        inputs, taps = lowering.shapes[node.inputs[0]][0], self.size**2
        rows, columns = (self.outputs, inputs) if turned else (inputs, self.outputs)
        strides = (inputs * taps, taps) if turned else (taps, inputs * taps)
        lengths = (taps, rows, columns, *strides, padded_channels(columns), int(turned), int(norm is not None))
        operands = (lowering.parameter(self.weight), OUT, lowering.ones if norm is None else norm.scale)
        numbers = taps * rows * padded_channels(columns)
        compute = lowering.schedule.compute
        return compute(layout.pack_taps, operands, lengths, numbers, per_image=False, by_images=False)

    def convolve(self, lowering, x, row, kernels, out, sizes, depth, strides, bias, keep) -> None:
        """Emit a convolution with so many inputs; `strides` are x's and the result's channel strides, and the step."""
        lengths = (strides[0], depth, strides[1], *sizes, self.size, row, strides[2], self.dilation, keep)
        lowering.schedule.emit(dense_conv2d.convolve, (x, kernels, out, bias), lengths, (2,))

    def forward(self, lowering, node, norm=None):
        (number,), out = node.inputs, lowering.new(node.number)
        x, row = self.padded(lowering, node)
        strides = (lowering.channel_stride(number), lowering.channel_stride(node.number), self.stride)
        sizes, depth = lowering.shapes[node.number][1:], lowering.shapes[number][0]
        kernels = self.packed(lowering, node, False, norm)
        self.convolve(lowering, x, row, kernels, out, sizes, depth, strides, *bias_of(lowering, norm))
        return form_of(out)

    def adjoint(self, backward, node, position):
        (number,), gradient = node.inputs, backward.gradient(node.number)
        depth, height, width = backward.shapes[number]
        wide, channel_stride = backward.channel_stride(number), backward.channel_stride(node.number)
        if backward.wants(self.weight):
            x, row = self.padded(backward, node)
            sizes = (*backward.shapes[node.number][1:], self.size, row, self.stride, self.dilation)
            taps, kernel = self.size**2, dense_conv2d.weight_gradient
            lengths, numbers = (wide, depth, channel_stride, *sizes), taps * depth * channel_stride
            found = backward.schedule.compute(kernel, (x, gradient, OUT), lengths, numbers)
            for tap in range(taps):
                weight = self.weight._replace(offset=self.weight.offset + tap)
                lengths = (depth, self.outputs, taps, depth * taps, channel_stride, 0)
                reduce(backward, found.at(tap * depth * channel_stride), weight, lengths)
        if backward.needs(number):
            x, row = self.padded_gradient(backward, node, gradient)
            out, keep = backward.sum_of(number)
            strides = (channel_stride, wide, 1)
            kernels = self.packed(backward, node, True)
            self.convolve(backward, x, row, kernels, out, (height, width), self.outputs, strides, backward.ones, keep)
