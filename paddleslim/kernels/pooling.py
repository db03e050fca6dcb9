"""3x3 max and average pooling of one channels-last image with a border of one pixel, and their gradients."""

from __future__ import annotations

from numba import njit

from .calls import integers, operands, zero_of
from .lanes import LANES, add, ahead, convert, fill, fma, larger, load, mul, store, where_equal

__all__ = ["average_pool", "average_pool_gradient", "max_pool", "max_pool_gradient"]


@njit
def window(position, stride, length):
    """Return the first pixel and the one past the last that the window at `position` covers."""
    return max(position * stride - 1, 0), min(position * stride + 2, length)


def max_pool(call):
    """Write the largest number of each window."""
    x, out = operands(call, 2)
    step, height, width, out_height, out_width, stride = integers(call, 6)
    for h in range(out_height):
        top, bottom = window(h, stride, height)
        for w in range(out_width):
            left, right = window(w, stride, width)
            for c in range(0, step, LANES):
                best = load(ahead(x, (top * width + left) * step + c))
                for i in range(top, bottom):
                    for j in range(left, right):
                        best = larger(best, load(ahead(x, (i * width + j) * step + c)))
                store(ahead(out, (h * out_width + w) * step + c), best)


def max_pool_gradient(call):
    """Add each window's gradient to the first of its numbers that equals the largest."""
    x, out, gradient, x_gradient = operands(call, 4)
    step, height, width, out_height, out_width, stride = integers(call, 6)
    zero = zero_of(call)
    for h in range(out_height):
        top, bottom = window(h, stride, height)
        for w in range(out_width):
            left, right = window(w, stride, width)
            for c in range(0, step, LANES):
                place = (h * out_width + w) * step + c
                best, rest = load(ahead(out, place)), load(ahead(gradient, place))
                for i in range(top, bottom):
                    for j in range(left, right):
                        pixel = (i * width + j) * step + c
                        value, target = load(ahead(x, pixel)), ahead(x_gradient, pixel)
                        store(target, add(load(target), where_equal(value, best, rest, fill(zero))))
                        rest = where_equal(value, best, fill(zero), rest)


def average_pool(call):
    """Write the mean of each window; pixels of the border do not count."""
    x, out = operands(call, 2)
    step, height, width, out_height, out_width, stride = integers(call, 6)
    zero = zero_of(call)
    for h in range(out_height):
        top, bottom = window(h, stride, height)
        for w in range(out_width):
            left, right = window(w, stride, width)
            share = fill(convert(1.0 / ((bottom - top) * (right - left)), zero))
            for c in range(0, step, LANES):
                total = fill(zero)
                for i in range(top, bottom):
                    for j in range(left, right):
                        total = add(total, load(ahead(x, (i * width + j) * step + c)))
                store(ahead(out, (h * out_width + w) * step + c), mul(total, share))


def average_pool_gradient(call):
    """Add each window's gradient, in equal shares, to its pixels."""
    gradient, x_gradient = operands(call, 2)
    step, height, width, out_height, out_width, stride = integers(call, 6)
    zero = zero_of(call)
    for h in range(out_height):
        top, bottom = window(h, stride, height)
        for w in range(out_width):
            left, right = window(w, stride, width)
            share = fill(convert(1.0 / ((bottom - top) * (right - left)), zero))
            for c in range(0, step, LANES):
                part = load(ahead(gradient, (h * out_width + w) * step + c))
                for i in range(top, bottom):
                    for j in range(left, right):
                        target = ahead(x_gradient, (i * width + j) * step + c)
                        store(target, fma(part, share, load(target)))
