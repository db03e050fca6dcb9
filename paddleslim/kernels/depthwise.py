"""Depthwise convolution of one image, and its gradients.

Images are channels-last: the channels of a pixel are neighbours in memory, `step` of them, a multiple of `LANES`.
A convolution reads an image that `pad` has put into a border of zeros, so that its loops have no special cases.
"""

from __future__ import annotations

from numba import njit

from .calls import integers, operands, zero_of
from .lanes import LANES, add, ahead, fill, fma, larger, load, store
from .products import put_eight, put_sum

__all__ = ["crop", "depthwise", "depthwise_weight_gradient", "pad", "spread"]


@njit
def clear(target, count, zero):
    """Write `count` zeros, a multiple of `LANES`."""
    for i in range(0, count, LANES):
        store(ahead(target, i), fill(zero))


def pad(call):
    """Copy an image into a border of zeros.

    `activate` 0 copies x, 1 max(x, 0), 2 max(scale * x + shift, 0) with `scale` and `shift` per channel.
    """
    x, out, scale, shift = operands(call, 4)
    step, height, width, top, below, left, right, activate = integers(call, 8)
    zero = zero_of(call)
    row = (left + width + right) * step
    clear(out, top * row, zero)
    clear(ahead(out, (top + height) * row), below * row, zero)
    for h in range(height):
        line = ahead(out, (top + h) * row)
        clear(line, left * step, zero)
        clear(ahead(line, (left + width) * step), right * step, zero)
        for c in range(0, step, LANES):
            a = load(ahead(scale, c)) if activate == 2 else fill(zero)
            b = load(ahead(shift, c)) if activate == 2 else fill(zero)
            for j in range(width):
                pixel = load(ahead(x, (h * width + j) * step + c))
                if activate == 2:
                    pixel = fma(a, pixel, b)
                if activate > 0:
                    pixel = larger(pixel, fill(zero))
                store(ahead(line, (left + j) * step + c), pixel)


def crop(call):
    """Copy an image out of its border, or add it to `out` if `keep`; `row` is a padded row's length in numbers."""
    padded, out = operands(call, 2)
    step, height, width, top, left, row, keep = integers(call, 7)
    for h in range(height):
        for i in range(0, width * step, LANES):
            pixel = load(ahead(padded, (top + h) * row + left * step + i))
            target = ahead(out, h * width * step + i)
            if keep:
                pixel = add(pixel, load(target))
            store(target, pixel)


def sliding(size):
    """Return a function that writes 8 neighbouring results of `depthwise`, the window's loops unrolled."""

    @njit
    def slide(pixels, taps, weight_step, target, step, across, beside, below, keep, zero):
        s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = fill(zero)
        for ky in range(size):
            for kx in range(size):
                w = load(ahead(taps, (ky * size + kx) * weight_step))
                pixel = ahead(pixels, ky * below + kx * beside)
                s0 = fma(load(pixel), w, s0)
                s1 = fma(load(ahead(pixel, across)), w, s1)
                s2 = fma(load(ahead(pixel, 2 * across)), w, s2)
                s3 = fma(load(ahead(pixel, 3 * across)), w, s3)
                s4 = fma(load(ahead(pixel, 4 * across)), w, s4)
                s5 = fma(load(ahead(pixel, 5 * across)), w, s5)
                s6 = fma(load(ahead(pixel, 6 * across)), w, s6)
                s7 = fma(load(ahead(pixel, 7 * across)), w, s7)
        put_eight(target, step, (s0, s1, s2, s3, s4, s5, s6, s7), keep)

    return slide


slide3, slide5, slide7 = sliding(3), sliding(5), sliding(7)


def depthwise(call):
    """Write `out[h, w] = sum_(i, j) x[stride h + dilation i, stride w + dilation j] * weight[i, j]` per channel.

    `x` is padded, with rows of `row` numbers; `weight` holds size * size taps, each `weight_step` numbers after the
    one before (a negative step turns the kernel round); the result is added to `out` if `keep`.
    """
    x, weight, out = operands(call, 3)
    weight_step, step, height, width, size, stride, dilation, row, keep = integers(call, 9)
    zero = zero_of(call)
    across, beside, below = stride * step, dilation * step, dilation * row
    unrolled = width - width % 8 if size in (3, 5, 7) else 0
    for h in range(height):
        for c in range(0, step, LANES):
            line, taps = ahead(x, h * stride * row + c), ahead(weight, c)
            target = ahead(out, h * width * step + c)
            for j in range(0, unrolled, 8):
                pixels, place = ahead(line, j * across), ahead(target, j * step)
                if size == 3:
                    slide3(pixels, taps, weight_step, place, step, across, beside, below, keep, zero)
                elif size == 5:
                    slide5(pixels, taps, weight_step, place, step, across, beside, below, keep, zero)
                else:
                    slide7(pixels, taps, weight_step, place, step, across, beside, below, keep, zero)
            for j in range(unrolled, width):
                total = fill(zero)
                for ky in range(size):
                    for kx in range(size):
                        pixel = ahead(line, j * across + ky * below + kx * beside)
                        total = fma(load(pixel), load(ahead(taps, (ky * size + kx) * weight_step)), total)
                put_sum(ahead(target, j * step), total, keep)


def depthwise_weight_gradient(call):
    """Write `out[i, j] = sum_(h, w) gradient[h, w] * x[stride h + dilation i, stride w + dilation j]` per channel."""
    x, gradient, out = operands(call, 3)
    step, height, width, size, stride, dilation, row = integers(call, 7)
    zero = zero_of(call)
    across = stride * step
    clear(out, size * size * step, zero)
    for h in range(height):
        for c in range(0, step, LANES):
            for tap in range(size * size):
                pixel = ahead(x, (h * stride + tap // size * dilation) * row + tap % size * dilation * step + c)
                g = ahead(gradient, h * width * step + c)
                s0 = s1 = s2 = s3 = fill(zero)
                for _ in range(width // 4):
                    s0 = fma(load(g), load(pixel), s0)
                    s1 = fma(load(ahead(g, step)), load(ahead(pixel, across)), s1)
                    s2 = fma(load(ahead(g, 2 * step)), load(ahead(pixel, 2 * across)), s2)
                    s3 = fma(load(ahead(g, 3 * step)), load(ahead(pixel, 3 * across)), s3)
                    g, pixel = ahead(g, 4 * step), ahead(pixel, 4 * across)
                for _ in range(width % 4):
                    s0 = fma(load(g), load(pixel), s0)
                    g, pixel = ahead(g, step), ahead(pixel, across)
                target = ahead(out, tap * step + c)
                store(target, add(load(target), add(add(s0, s1), add(s2, s3))))


def spread(call):
    """Write the gradient of `depthwise` with respect to its padded input, of any stride.

    Every `gradient[h, w] * weight[i, j]` is added to `out[stride h + dilation i, stride w + dilation j]`; `total` is
    the length of the padded image in numbers.
    """
    gradient, weight, out = operands(call, 3)
    step, height, width, size, stride, dilation, row, total = integers(call, 8)
    zero = zero_of(call)
    clear(out, total, zero)
    for h in range(height):
        for c in range(0, step, LANES):
            for tap in range(size * size):
                w = load(ahead(weight, tap * step + c))
                g = ahead(gradient, h * width * step + c)
                pixel = ahead(out, (h * stride + tap // size * dilation) * row + tap % size * dilation * step + c)
                for _ in range(width):
                    store(pixel, fma(load(g), w, load(pixel)))
                    g, pixel = ahead(g, step), ahead(pixel, stride * step)
