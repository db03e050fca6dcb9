"""3x3 max and average pooling of one channels-last image with a border of one pixel, 2x2 max pooling, the gradients."""

from __future__ import annotations

from numba import njit

from .calls import integers, operands, zero_of
from .lanes import LANES, add, ahead, convert, fill, fma, larger, load, mul, store, where_equal

__all__ = [
    "average_pool", "average_pool_gradient", "max_pool", "max_pool_2x2", "max_pool_2x2_gradient", "max_pool_gradient",
]  # fmt: skip


@njit
def window(position, stride, length, size=3, border=1):
    """Return the first pixel and the one past the last that the window at `position` covers."""
    return max(position * stride - border, 0), min(position * stride + size - border, length)


@njit
def write_largest(x, out, lengths, size, border):
    """Write the largest number of each window of `size` x `size` pixels."""
    step, height, width, out_height, out_width, stride = lengths
    for h in range(out_height):
        top, bottom = window(h, stride, height, size, border)
        for w in range(out_width):
            left, right = window(w, stride, width, size, border)
            for c in range(0, step, LANES):
                best = load(ahead(x, (top * width + left) * step + c))
                for i in range(top, bottom):
                    for j in range(left, right):
                        best = larger(best, load(ahead(x, (i * width + j) * step + c)))
                store(ahead(out, (h * out_width + w) * step + c), best)


@njit
def add_to_largest(x, out, gradient, x_gradient, lengths, size, border, zero):
    """Add each window's gradient to the first of its numbers that equals the largest."""
    step, height, width, out_height, out_width, stride = lengths
    for h in range(out_height):
        top, bottom = window(h, stride, height, size, border)
        for w in range(out_width):
            left, right = window(w, stride, width, size, border)
            for c in range(0, step, LANES):
                place = (h * out_width + w) * step + c
                best, rest = load(ahead(out, place)), load(ahead(gradient, place))
                for i in range(top, bottom):
                    for j in range(left, right):
                        pixel = (i * width + j) * step + c
                        value, target = load(ahead(x, pixel)), ahead(x_gradient, pixel)
                        store(target, add(load(target), where_equal(value, best, rest, fill(zero))))
                        rest = where_equal(value, best, fill(zero), rest)


def max_pool(call):
    """Write the largest number of each window."""
    x, out = operands(call, 2)
    write_largest(x, out, integers(call, 6), 3, 1)


def max_pool_gradient(call):
    """Add each window's gradient to the first of its numbers that equals the largest."""
    x, out, gradient, x_gradient = operands(call, 4)
    add_to_largest(x, out, gradient, x_gradient, integers(call, 6), 3, 1, zero_of(call))


def max_pool_2x2(call):
    """Write the largest number of each window of 2x2 pixels, without a border."""
    x, out = operands(call, 2)
    write_largest(x, out, integers(call, 6), 2, 0)


def max_pool_2x2_gradient(call):
    """Add each window's gradient to the first of its numbers that equals the largest, without a border."""
    x, out, gradient, x_gradient = operands(call, 4)
    add_to_largest(x, out, gradient, x_gradient, integers(call, 6), 2, 0, zero_of(call))


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
