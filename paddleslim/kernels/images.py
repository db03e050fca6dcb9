"""Programs for one operator on Paddle's layout: depthwise convolution and 3x3 pooling of `[N, C, H, W]`."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import paddle

from . import depthwise, layout, pooling
from .buffers import buffers
from .gradients import Function
from .lanes import lanes_for
from .machine import Runnable
from .program import Place, Program

__all__ = ["DepthwiseConvolution", "Geometry", "Images", "Pooling", "dtype_of", "geometry_of", "run"]


class Geometry(NamedTuple):
    """Sizes of a convolution or pooling; `padding` is (top, bottom, left, right)."""

    images: int
    channels: int
    height: int
    width: int
    size: int
    stride: int
    padding: tuple[int, int, int, int]
    dilation: int

    @property
    def out(self) -> tuple[int, int]:
        """Height and width of the result."""
        reach = self.dilation * (self.size - 1) + 1
        top, bottom, left, right = self.padding
        down, across = self.height + top + bottom - reach, self.width + left + right - reach
        return down // self.stride + 1, across // self.stride + 1

    @property
    def pixels(self) -> tuple[int, int]:
        """Pixels of an image and of its result."""
        return self.height * self.width, self.out[0] * self.out[1]


def geometry_of(x, size, stride, padding, dilation) -> Geometry:
    """Return the geometry for images x."""
    images, channels, height, width = x.shape
    return Geometry(images, channels, height, width, size, stride, padding, dilation)


class DepthwiseConvolution(Function):
    """The function (x `[N, C, H, W]`, weight `[C, 1, K, K]`) -> `[N, C, H', W']`."""

    def __init__(self, stride: int, padding: tuple[int, int, int, int], dilation: int):
        self.stride, self.padding, self.dilation = stride, padding, dilation

    def forward(self, inputs):
        x, weight = inputs
        geometry = geometry_of(x, weight.shape[2], self.stride, self.padding, self.dilation)
        out = paddle.empty([*x.shape[:2], *geometry.out], x.dtype)
        run(convolution(geometry, dtype_of(x)), [x, weight, out])
        return out, None

    def backward(self, inputs, saved, gradient, wanted):
        x, weight = inputs
        geometry = geometry_of(x, weight.shape[2], self.stride, self.padding, self.dilation)
        found = [paddle.empty_like(x), paddle.empty_like(weight)]
        run(convolution_gradients(geometry, dtype_of(x), *wanted), [x, weight, gradient, *found])
        return found


class Pooling(Function):
    """The function x `[N, C, H, W]` -> `[N, C, H', W']`, 3x3 with a border of one pixel that does not count."""

    def __init__(self, kind: str, stride: int):
        self.kind, self.stride = kind, stride

    def forward(self, inputs):
        geometry = geometry_of(inputs[0], 3, self.stride, (1, 1, 1, 1), 1)
        out = paddle.empty([*inputs[0].shape[:2], *geometry.out], inputs[0].dtype)
        run(pool(geometry, dtype_of(out), self.kind), [inputs[0], out])
        return out, out

    def backward(self, inputs, saved, gradient, wanted):
        geometry = geometry_of(inputs[0], 3, self.stride, (1, 1, 1, 1), 1)
        found = paddle.empty_like(inputs[0])
        if saved is None:
            saved, _ = self.forward(inputs)
        run(pool_gradient(geometry, dtype_of(found), self.kind), [inputs[0], saved, gradient, found])
        return [found]


def dtype_of(tensor) -> str:
    """Return 'float32' or 'float64'."""
    return str(tensor.dtype).rpartition(".")[2]


def run(program: Runnable, tensors) -> None:
    """Run a program on tensors and on rooms made for it."""
    rooms = [buffers.take(f"work {k}", tensors[0].dtype, numbers) for k, numbers in enumerate(program.room_sizes)]
    program([tensor.data_ptr() for tensor in [*tensors, *rooms]])
    for k, room in enumerate(rooms):
        buffers.give(f"work {k}", room)


class Images:
    """A program under construction that takes images from planes to pixels and back."""

    def __init__(self, g: Geometry, tensors: int):
        self.g, self.step = g, lanes_for(g.channels)
        self.program = Program(g.images, tensors)
        self.shared, self.own = self.program.arena(), self.program.arena(per_thread=True)
        self.inside, self.outside = g.pixels

    def read(self, tensor: int, pixels: int, channels: int | None = None) -> Place:
        """Emit an image of a tensor `[N, C, pixels]` as pixels."""
        channels = channels or self.g.channels
        step = lanes_for(channels)
        out = self.program.room(self.own, pixels * step)
        places = (Place(tensor, 0, channels * pixels), out)
        self.program.emit(layout.from_planes, places, channels, step, pixels, 0)
        return out

    def write(self, x: Place, tensor: int, pixels: int, channels: int | None = None) -> None:
        """Emit pixels as an image of a tensor `[N, C, pixels]`."""
        channels = channels or self.g.channels
        planes = Place(tensor, 0, channels * pixels)
        self.program.emit(layout.to_planes, (x, planes, planes), channels, lanes_for(channels), pixels, 0)

    def pad(self, x: Place, size: tuple[int, int], borders, channels: int | None = None) -> tuple[Place, int]:
        """Emit x in (top, bottom, left, right) rows and columns of zeros; return its place and the numbers of a row."""
        step = lanes_for(channels or self.g.channels)
        row = (borders[2] + size[1] + borders[3]) * step
        if not any(borders):
            return x, row
        out = self.program.room(self.own, (borders[0] + size[0] + borders[1]) * row)
        self.program.emit(depthwise.pad, (x, out, x, x), step, *size, *borders, 0)
        return out, row

    def taps(self, tensor: int) -> Place:
        """Emit a weight `[C, 1, K, K]` as `[K * K, step]`."""
        self.program.phase(by_images=False)
        count = self.g.size**2
        out = self.program.room(self.shared, count * self.step)
        lengths = (count, self.g.channels, 1, count, self.step, 0)
        self.program.emit(layout.arrange, (Place(tensor), out), *lengths)
        self.program.phase(by_images=True)
        return out


@lru_cache(maxsize=256)
def convolution(g: Geometry, dtype: str) -> Runnable:
    """Return the program of tensors (x, weight, out)."""
    images = Images(g, tensors=3)
    taps = images.taps(1)
    x, row = images.pad(images.read(0, images.inside), (g.height, g.width), g.padding)
    out = images.program.room(images.own, images.outside * images.step)
    lengths = (images.step, images.step, *g.out, g.size, g.stride, g.dilation, row, 0)
    images.program.emit(depthwise.depthwise, (x, taps, out), *lengths)
    images.write(out, 2, images.outside)
    return Runnable(images.program, dtype)


@lru_cache(maxsize=256)
def convolution_gradients(g: Geometry, dtype: str, of_x: bool, of_weight: bool) -> Runnable:
    """Return the program of tensors (x, weight, gradient, gradient of x, gradient of weight)."""
    images = Images(g, tensors=5)
    program, step, size = images.program, images.step, (g.height, g.width)
    taps = images.taps(1)
    given = images.read(2, images.outside)
    if of_x:
        images.write(input_gradient(images, given, taps), 3, images.inside)
    if of_weight:
        x, row = images.pad(images.read(0, images.inside), size, g.padding)
        count = g.size**2
        part = program.room(images.shared, count * step, per_image=True)
        lengths = (step, *g.out, g.size, g.stride, g.dilation, row)
        program.emit(depthwise.depthwise_weight_gradient, (x, given, part), *lengths)
        program.phase(by_images=False)
        program.emit(layout.collect, (part, Place(4)), count, g.channels, 1, count, step, 0)
    return Runnable(program, dtype)


def input_gradient(images: Images, given: Place, taps: Place) -> Place:
    """Emit the gradient of a convolution's input."""
    g, program, step, count = images.g, images.program, images.step, images.g.size**2
    out = program.room(images.own, images.inside * step)
    reach = g.dilation * (g.size - 1)
    if g.stride == 1 and max(g.padding) <= reach:
        # the kernel, turned round, carries the gradient back
        top, bottom, left, right = (reach - border for border in g.padding)
        x, row = images.pad(given, g.out, (top, bottom, left, right))
        lengths = (-step, step, g.height, g.width, g.size, 1, g.dilation, row, 0)
        program.emit(depthwise.depthwise, (x, taps.at((count - 1) * step), out), *lengths)
        return out
    top, bottom, left, right = g.padding
    row = (left + g.width + right) * step
    total = (top + g.height + bottom) * row
    padded = program.room(images.own, total)
    program.emit(depthwise.spread, (given, taps, padded), step, *g.out, g.size, g.stride, g.dilation, row, total)
    program.emit(depthwise.crop, (padded, out), step, g.height, g.width, top, left, row, 0)
    return out


@lru_cache(maxsize=256)
def pool(g: Geometry, dtype: str, kind: str) -> Runnable:
    """Return the program of tensors (x, out)."""
    images = Images(g, tensors=2)
    images.program.phase(by_images=True)
    x = images.read(0, images.inside)
    out = images.program.room(images.own, images.outside * images.step)
    kernel = pooling.max_pool if kind == "max" else pooling.average_pool
    images.program.emit(kernel, (x, out), images.step, g.height, g.width, *g.out, g.stride)
    images.write(out, 1, images.outside)
    return Runnable(images.program, dtype)


@lru_cache(maxsize=256)
def pool_gradient(g: Geometry, dtype: str, kind: str) -> Runnable:
    """Return the program of tensors (x, out, gradient, gradient of x)."""
    images = Images(g, tensors=4)
    program, lengths = images.program, (images.step, g.height, g.width, *g.out, g.stride)
    program.phase(by_images=True)
    given = images.read(2, images.outside)
    found = program.room(images.own, images.inside * images.step)
    # of no channels: zeros, to which the gradient is added
    program.emit(layout.from_planes, (given, found), 0, images.step, images.inside, 0)
    if kind == "max":
        x, out = images.read(0, images.inside), images.read(1, images.outside)
        program.emit(pooling.max_pool_gradient, (x, out, given, found), *lengths)
    else:
        program.emit(pooling.average_pool_gradient, (given, found), *lengths)
    images.write(found, 3, images.inside)
    return Runnable(program, dtype)
