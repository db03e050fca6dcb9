"""Programs for a convolution that mixes the channels of `[N, C, H, W]`, of stride 1."""

from __future__ import annotations

from functools import lru_cache

import paddle

from . import dense, layout
from .gradients import Function
from .images import Geometry, Images, dtype_of, geometry_of, run
from .lanes import lanes_for
from .machine import Runnable
from .program import Place

__all__ = ["Convolution"]


class Convolution(Function):
    """The function (x `[N, C, H, W]`, weight `[O, C, K, K]`) -> `[N, O, H', W']`.

    Args:
        padding: (top, bottom, left, right).
    """

    def __init__(self, padding: tuple[int, int, int, int]):
        self.padding = padding

    def _geometry(self, x, weight) -> Geometry:
        return geometry_of(x, weight.shape[2], 1, self.padding, 1)

    def forward(self, inputs):
        x, weight = inputs
        geometry, outputs = self._geometry(x, weight), weight.shape[0]
        out = paddle.empty([x.shape[0], outputs, *geometry.out], x.dtype)
        run(convolution(geometry, outputs, dtype_of(x)), [x, weight, out])
        return out, None

    def backward(self, inputs, saved, gradient, wanted):
        x, weight = inputs
        found = [paddle.empty_like(x), paddle.empty_like(weight)]
        program = gradients(self._geometry(x, weight), weight.shape[0], dtype_of(x), *wanted)
        run(program, [x, weight, gradient, *found])
        return found


def arrange(images: Images, outputs: int, back: bool) -> Place:
    """Emit the weight, tensor 1, as `[K * K, C, step of O]`, or for the way back, turned, `[K * K, O, step of C]`."""
    g, program, count = images.g, images.program, images.g.size**2
    rows, columns = (outputs, g.channels) if back else (g.channels, outputs)
    strides = (g.channels * count, count) if back else (count, g.channels * count)
    step = lanes_for(columns)
    out = program.room(images.shared, count * rows * step)
    program.phase(by_images=False)
    for tap in range(count):
        source = Place(1, count - 1 - tap if back else tap)
        program.emit(layout.arrange, (source, out.at(tap * rows * step)), rows, columns, *strides, step, 0)
    program.phase(by_images=True)
    return out


@lru_cache(maxsize=256)
def convolution(g: Geometry, outputs: int, dtype: str) -> Runnable:
    """Return the program of tensors (x, weight, out)."""
    images, step = Images(g, tensors=3), lanes_for(outputs)
    taps = arrange(images, outputs, back=False)
    x, row = images.pad(images.read(0, images.inside), (g.height, g.width), g.padding)
    out = images.program.room(images.own, images.outside * step)
    lengths = (images.step, g.channels, step, *g.out, g.size, row)
    images.program.emit(dense.convolve, (x, taps, out), *lengths)
    images.write(out, 2, images.outside, outputs)
    return Runnable(images.program, dtype)


@lru_cache(maxsize=256)
def gradients(g: Geometry, outputs: int, dtype: str, of_x: bool, of_weight: bool) -> Runnable:
    """Return the program of tensors (x, weight, gradient, gradient of x, gradient of weight)."""
    images, step, count = Images(g, tensors=5), lanes_for(outputs), g.size**2
    program = images.program
    taps = arrange(images, outputs, back=True)
    given = images.read(2, images.outside, outputs)
    if of_x:
        # the kernel, turned round, carries the gradient back
        padded, row = images.pad(given, g.out, tuple(g.size - 1 - border for border in g.padding), outputs)
        found = program.room(images.own, images.inside * images.step)
        lengths = (step, outputs, images.step, g.height, g.width, g.size, row)
        program.emit(dense.convolve, (padded, taps, found), *lengths)
        images.write(found, 3, images.inside)
    if of_weight:
        x, row = images.pad(images.read(0, images.inside), (g.height, g.width), g.padding)
        part = program.room(images.shared, count * g.channels * step, per_image=True)
        lengths = (images.step, g.channels, step, *g.out, g.size, row)
        program.emit(dense.weight_gradient, (x, given, part), *lengths)
        program.phase(by_images=False)
        for tap in range(count):
            places = (part.at(tap * g.channels * step), Place(4, tap))
            program.emit(layout.collect, places, g.channels, outputs, count, g.channels * count, step, 0)
    return Runnable(program, dtype)
