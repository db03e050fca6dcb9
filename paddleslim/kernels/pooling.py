"""Max and average pooling of one channels-last image, and the gradients.

All take `lengths`: channel stride, height, width, output height, output width, stride, window size, border.
"""

from __future__ import annotations

from .frame import integers, operands, zero_of
from .simd import SIMD_WIDTH, add, broadcast, convert, fma, inlined, load, maximum, mul, offset, store, where_equal

__all__ = ["average_pool", "average_pool_gradient", "max_pool", "max_pool_gradient"]


@inlined
def window(position, stride, length, size, border):
    """Return the first pixel and the one past the last that the window at `position` covers."""
    return max(position * stride - border, 0), min(position * stride + size - border, length)


def max_pool(frame):
    """Write the largest number of each window."""
    x, out = operands(frame, 2)
    channel_stride, height, width, out_height, out_width, stride, size, border = integers(frame, 8)
    for h in range(out_height):
        top, bottom = window(h, stride, height, size, border)
        for w in range(out_width):
            left, right = window(w, stride, width, size, border)
            for c in range(0, channel_stride, SIMD_WIDTH):
                best = load(offset(x, (top * width + left) * channel_stride + c))
                for i in range(top, bottom):
                    for j in range(left, right):
                        best = maximum(best, load(offset(x, (i * width + j) * channel_stride + c)))
                store(offset(out, (h * out_width + w) * channel_stride + c), best)


def max_pool_gradient(frame):
    """Add each window's gradient to the first of its numbers that equals the largest."""
    x, out, gradient, x_gradient = operands(frame, 4)
    channel_stride, height, width, out_height, out_width, stride, size, border = integers(frame, 8)
    zero = zero_of(frame)
    for h in range(out_height):
        top, bottom = window(h, stride, height, size, border)
        for w in range(out_width):
            left, right = window(w, stride, width, size, border)
            for c in range(0, channel_stride, SIMD_WIDTH):
                position = (h * out_width + w) * channel_stride + c
                best, rest = load(offset(out, position)), load(offset(gradient, position))
                for i in range(top, bottom):
                    for j in range(left, right):
                        pixel = (i * width + j) * channel_stride + c
                        value, target = load(offset(x, pixel)), offset(x_gradient, pixel)
                        store(target, add(load(target), where_equal(value, best, rest, broadcast(zero))))
                        rest = where_equal(value, best, broadcast(zero), rest)


@inlined
def share(inside, size, inclusive):
    """Return the weight of a pixel in a window of so many pixels; `inclusive` counts those of the border, too."""
    return 1.0 / (size * size) if inclusive else 1.0 / inside


def average_pool(frame):
    """Write the mean of each window; pixels of the border count, as zeros, if the ninth integer is 1."""
    x, out = operands(frame, 2)
    channel_stride, height, width, out_height, out_width, stride, size, border, inclusive = integers(frame, 9)
    zero = zero_of(frame)
    for h in range(out_height):
        top, bottom = window(h, stride, height, size, border)
        for w in range(out_width):
            left, right = window(w, stride, width, size, border)
            weight = broadcast(convert(share((bottom - top) * (right - left), size, inclusive), zero))
            for c in range(0, channel_stride, SIMD_WIDTH):
                total = broadcast(zero)
                for i in range(top, bottom):
                    for j in range(left, right):
                        total = add(total, load(offset(x, (i * width + j) * channel_stride + c)))
                store(offset(out, (h * out_width + w) * channel_stride + c), mul(total, weight))


def average_pool_gradient(frame):
    """Add each window's gradient, in equal shares, to its pixels."""
    gradient, x_gradient = operands(frame, 2)
    channel_stride, height, width, out_height, out_width, stride, size, border, inclusive = integers(frame, 9)
    zero = zero_of(frame)
    for h in range(out_height):
        top, bottom = window(h, stride, height, size, border)
        for w in range(out_width):
            left, right = window(w, stride, width, size, border)
            weight = broadcast(convert(share((bottom - top) * (right - left), size, inclusive), zero))
            for c in range(0, channel_stride, SIMD_WIDTH):
                part = load(offset(gradient, (h * out_width + w) * channel_stride + c))
                for i in range(top, bottom):
                    for j in range(left, right):
                        target = offset(x_gradient, (i * width + j) * channel_stride + c)
                        store(target, fma(part, weight, load(target)))
