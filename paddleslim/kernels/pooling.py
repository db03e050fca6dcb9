"""Max and average pooling of one channels-last image, and the gradients.

All take `lengths`: channel stride, height, width, output height, output width, stride, window size, border.
"""

from __future__ import annotations

from .blocks import four, mul_four, prefetch_four, store_four
from .frame import integers, operands, zero_of
from .pooling_windows import POOLED, largest_of, pooling_form, return_to_largest, share_among, total_of
from .simd import SIMD_WIDTH, add, broadcast, convert, fma, inlined, load, maximum, mul, offset, store, where_equal

__all__ = ["average_pool", "average_pool_gradient", "max_pool", "max_pool_gradient"]


@inlined
def window(position, stride, length, size, border):
    """Return the first pixel and the one past the last that the window at `position` covers."""
    return max(position * stride - border, 0), min(position * stride + size - border, length)


@inlined
def together(form, w, out_width, stride, width, size, border):
    """Return `POOLED` if so many windows from w on are there and none reaches beyond the row's ends, 1 otherwise."""
    inside = w * stride >= border and (w + POOLED - 1) * stride + size - border <= width
    return POOLED if form >= 0 and inside and w + POOLED <= out_width else 1


def max_pool(frame):
    """Write the largest number of each window."""
    x, out = operands(frame, 2)
    channel_stride, height, width, out_height, out_width, stride, size, border = integers(frame, 8)
    form, places = pooling_form(size, stride), (0, channel_stride, 2 * channel_stride, 3 * channel_stride)
    row = width * channel_stride
    for h in range(out_height):
        top, bottom = window(h, stride, height, size, border)
        w = 0
        while w < out_width:
            left, right = window(w, stride, width, size, border)
            count = together(form, w, out_width, stride, width, size, border)
            for c in range(0, channel_stride, SIMD_WIDTH):
                first = offset(x, top * row + left * channel_stride + c)
                target = offset(out, (h * out_width + w) * channel_stride + c)
                if count == POOLED:
                    prefetch_four(target, places)
                    store_four(target, places, largest_of(form, bottom - top, first, channel_stride, row))
                else:
                    best = load(first)
                    for i in range(bottom - top):
                        for j in range(right - left):
                            best = maximum(best, load(offset(first, i * row + j * channel_stride)))
                    store(target, best)
            w += count


def max_pool_gradient(frame):
    """Add each window's gradient to the first of its numbers that equals the largest."""
    x, out, gradient, x_gradient = operands(frame, 4)
    channel_stride, height, width, out_height, out_width, stride, size, border = integers(frame, 8)
    form, places = pooling_form(size, stride), (0, channel_stride, 2 * channel_stride, 3 * channel_stride)
    zero, row = zero_of(frame), width * channel_stride
    for h in range(out_height):
        top, bottom = window(h, stride, height, size, border)
        w = 0
        while w < out_width:
            left, right = window(w, stride, width, size, border)
            count = together(form, w, out_width, stride, width, size, border)
            for c in range(0, channel_stride, SIMD_WIDTH):
                begin, position = top * row + left * channel_stride + c, (h * out_width + w) * channel_stride + c
                first, target = offset(x, begin), offset(x_gradient, begin)
                largest, g = offset(out, position), offset(gradient, position)
                if count == POOLED:
                    prefetch_four(largest, places)
                    prefetch_four(first, places)
                    return_to_largest(form, bottom - top, first, channel_stride, row, largest, g, target)
                else:
                    best, rest = load(largest), load(g)
                    for i in range(bottom - top):
                        for j in range(right - left):
                            distance = i * row + j * channel_stride
                            value, place = load(offset(first, distance)), offset(target, distance)
                            store(place, add(load(place), where_equal(value, best, rest, broadcast(zero))))
                            rest = where_equal(value, best, broadcast(zero), rest)
            w += count


@inlined
def share(inside, size, inclusive):
    """Return the weight of a pixel in a window of so many pixels; `inclusive` counts those of the border, too."""
    return 1.0 / (size * size) if inclusive else 1.0 / inside


def average_pool(frame):
    """Write the mean of each window, of which its border is a part if `inclusive`, the integer behind the lengths."""
    x, out = operands(frame, 2)
    channel_stride, height, width, out_height, out_width, stride, size, border, inclusive = integers(frame, 9)
    form, places = pooling_form(size, stride), (0, channel_stride, 2 * channel_stride, 3 * channel_stride)
    zero, row = zero_of(frame), width * channel_stride
    for h in range(out_height):
        top, bottom = window(h, stride, height, size, border)
        w = 0
        while w < out_width:
            left, right = window(w, stride, width, size, border)
            weight = broadcast(convert(share((bottom - top) * (right - left), size, inclusive), zero))
            count = together(form, w, out_width, stride, width, size, border)
            for c in range(0, channel_stride, SIMD_WIDTH):
                first = offset(x, top * row + left * channel_stride + c)
                target = offset(out, (h * out_width + w) * channel_stride + c)
                if count == POOLED:
                    prefetch_four(target, places)
                    totals = total_of(form, bottom - top, first, channel_stride, row)
                    store_four(target, places, mul_four(totals, four(weight)))
                else:
                    total = broadcast(zero)
                    for i in range(bottom - top):
                        for j in range(right - left):
                            total = add(total, load(offset(first, i * row + j * channel_stride)))
                    store(target, mul(total, weight))
            w += count


def average_pool_gradient(frame):
    """Add each window's gradient, in equal shares, to its pixels."""
    gradient, x_gradient = operands(frame, 2)
    channel_stride, height, width, out_height, out_width, stride, size, border, inclusive = integers(frame, 9)
    form, zero, row = pooling_form(size, stride), zero_of(frame), width * channel_stride
    for h in range(out_height):
        top, bottom = window(h, stride, height, size, border)
        w = 0
        while w < out_width:
            left, right = window(w, stride, width, size, border)
            weight = broadcast(convert(share((bottom - top) * (right - left), size, inclusive), zero))
            count = together(form, w, out_width, stride, width, size, border)
            for c in range(0, channel_stride, SIMD_WIDTH):
                first = offset(x_gradient, top * row + left * channel_stride + c)
                g = offset(gradient, (h * out_width + w) * channel_stride + c)
                if count == POOLED:
                    share_among(form, bottom - top, first, channel_stride, row, g, weight)
                else:
                    for i in range(bottom - top):
                        for j in range(right - left):
                            place = offset(first, i * row + j * channel_stride)
                            store(place, fma(load(g), weight, load(place)))
            w += count
