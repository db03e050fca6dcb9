"""Depthwise convolution of one image, and its gradients.

Images are channels-last: the channels of a pixel are neighbours in memory, `channel_stride` of them, a multiple of
`SIMD_WIDTH`. A convolution reads an image that `pad` has put into a border of zeros: its loops have no special cases.
"""

from __future__ import annotations

from .frame import integers, operands, zero_of
from .gemm import store_eight, store_sum
from .simd import SIMD_WIDTH, add, broadcast, fma, inlined, load, maximum, offset, prefetch, store
from .windows import WINDOWS, correlate, form_of, slide, spread

__all__ = ["crop", "depthwise", "depthwise_weight_gradient", "pad", "scatter_adjoint"]


@inlined
def clear(target, count, zero):
    """Write `count` zeros, a multiple of `SIMD_WIDTH`."""
    for i in range(0, count, SIMD_WIDTH):
        store(offset(target, i), broadcast(zero))


def pad(frame):
    """Copy an image into a border of zeros.

    `activate` 0 copies x, 1 max(x, 0), 2 max(scale * x + shift, 0) with `scale` and `shift` per channel.
    """
    x, out, scale, shift = operands(frame, 4)
    channel_stride, height, width, top, below, left, right, activate = integers(frame, 8)
    zero = zero_of(frame)
    row = (left + width + right) * channel_stride
    clear(out, top * row, zero)
    clear(offset(out, (top + height) * row), below * row, zero)
    for h in range(height):
        line = offset(out, (top + h) * row)
        clear(line, left * channel_stride, zero)
        clear(offset(line, (left + width) * channel_stride), right * channel_stride, zero)
        for j in range(0, width * channel_stride, channel_stride):
            source, target = offset(x, h * width * channel_stride + j), offset(line, left * channel_stride + j)
            for c in range(0, channel_stride, SIMD_WIDTH):
                pixel = load(offset(source, c))
                if activate == 2:
                    pixel = fma(load(offset(scale, c)), pixel, load(offset(shift, c)))
                if activate > 0:
                    pixel = maximum(pixel, broadcast(zero))
                store(offset(target, c), pixel)


def crop(frame):
    """Copy an image out of its border, or add it to `out` if `keep`; `row` is a padded row's length in numbers."""
    padded, out = operands(frame, 2)
    channel_stride, height, width, top, left, row, keep = integers(frame, 7)
    for h in range(height):
        for i in range(0, width * channel_stride, SIMD_WIDTH):
            pixel = load(offset(padded, (top + h) * row + left * channel_stride + i))
            target = offset(out, h * width * channel_stride + i)
            if keep:
                pixel = add(pixel, load(target))
            store(target, pixel)


@inlined
def prefetched_vectors(length, numbers):
    """Return how many vectors of `length` numbers to prefetch with eight windows, so that one image does for all."""
    times = max(numbers // (WINDOWS * SIMD_WIDTH), 1)
    return (length // SIMD_WIDTH + times - 1) // times


def depthwise(frame):
    """Write `out[h, w] = sum_(i, j) x[stride h + dilation i, stride w + dilation j] * weight[i, j]` per channel.

    `x` is padded, with rows of `row` numbers; `weight` holds size * size taps, each `weight_stride` numbers after the
    one before (a negative channel_stride turns the kernel round); the result is added to `out` if `keep` is 1, to
    `bias` if it is 2. Meanwhile `length` numbers from `ahead` on are prefetched.
    """
    x, weight, out, bias, ahead = operands(frame, 5)
    weight_stride, channel_stride, height, width, size, stride, dilation, row, keep, length = integers(frame, 10)
    zero = zero_of(frame)
    across, beside, below = stride * channel_stride, dilation * channel_stride, dilation * row
    every = stride if stride == dilation else 1  # the pixels between are as if they were not there
    near, form = every * channel_stride, form_of(size, stride // every, dilation // every)
    unrolled = width - width % WINDOWS if form >= 0 else 0
    ahead_each = prefetched_vectors(length, height * unrolled * channel_stride)
    for h in range(height):
        for c in range(0, channel_stride, SIMD_WIDTH):
            line, taps = offset(x, h * stride * row + c), offset(weight, c)
            first = load(offset(bias, c)) if keep == 2 else broadcast(zero)
            target = offset(out, h * width * channel_stride + c)
            for j in range(0, unrolled, WINDOWS):
                pixels, place = offset(line, j * across), offset(target, j * channel_stride)
                sums = slide(form, size, pixels, near, below, taps, weight_stride, first)
                store_eight(place, channel_stride, sums, keep == 1)
                for _ in range(ahead_each):
                    prefetch(ahead)
                    ahead = offset(ahead, SIMD_WIDTH)
            for j in range(unrolled, width):
                total = first
                for ky in range(size):
                    for kx in range(size):
                        pixel = offset(line, j * across + ky * below + kx * beside)
                        total = fma(load(pixel), load(offset(taps, (ky * size + kx) * weight_stride)), total)
                store_sum(offset(target, j * channel_stride), total, keep == 1)


def depthwise_weight_gradient(frame):
    """Write `out[i, j] = sum_(h, w) gradient[h, w] * x[stride h + dilation i, stride w + dilation j]` per channel."""
    x, gradient, out = operands(frame, 3)
    channel_stride, height, width, size, stride, dilation, row = integers(frame, 7)
    zero = zero_of(frame)
    across, below = stride * channel_stride, dilation * row
    every = stride if stride == dilation else 1  # the pixels between are as if they were not there
    near, form = every * channel_stride, form_of(size, stride // every, dilation // every)
    unrolled = width - width % WINDOWS if form >= 0 else 0
    clear(out, size * size * channel_stride, zero)
    for h in range(height):
        for c in range(0, channel_stride, SIMD_WIDTH):
            line, target = offset(x, h * stride * row + c), offset(out, c)
            g = offset(gradient, h * width * channel_stride + c)
            correlate(form, size, line, near, below, g, unrolled, target, channel_stride)
            for tap in range(size * size if unrolled < width else 0):
                pixel = offset(line, unrolled * across + tap // size * below + tap % size * dilation * channel_stride)
                rest, total = offset(g, unrolled * channel_stride), broadcast(zero)
                for _ in range(unrolled, width):
                    total = fma(load(rest), load(pixel), total)
                    rest, pixel = offset(rest, channel_stride), offset(pixel, across)
                store_sum(offset(target, tap * channel_stride), total, True)


def scatter_adjoint(frame):
    """Write the gradient of `depthwise` with respect to its padded input, of any stride.

    Every `gradient[h, w] * weight[i, j]` is added to `out[stride h + dilation i, stride w + dilation j]`; `total` is
    the length of the padded image in numbers.
    """
    gradient, weight, out = operands(frame, 3)
    channel_stride, height, width, size, stride, dilation, row, total = integers(frame, 8)
    clear(out, total, zero_of(frame))
    across, below = stride * channel_stride, dilation * row
    every = stride if stride == dilation else 1  # the pixels between are as if they were not there
    near, form = every * channel_stride, form_of(size, stride // every, dilation // every)
    unrolled = width - width % WINDOWS if form >= 0 else 0
    for h in range(height):
        for c in range(0, channel_stride, SIMD_WIDTH):
            line, taps = offset(out, h * stride * row + c), offset(weight, c)
            g = offset(gradient, h * width * channel_stride + c)
            for j in range(0, unrolled, WINDOWS):
                pixels, eight = offset(line, j * across), offset(g, j * channel_stride)
                spread(form, size, pixels, near, below, eight, channel_stride, taps)
            for tap in range(size * size if unrolled < width else 0):
                w = load(offset(taps, tap * channel_stride))
                pixel = offset(line, tap // size * below + tap % size * dilation * channel_stride)
                for j in range(unrolled, width):
                    target = offset(pixel, j * across)
                    store(target, fma(load(offset(g, j * channel_stride)), w, load(target)))
