"""Convolution of one image in which every output channel sees every input channel, and its weight's gradient.

Images are channels-last, as in `depthwise`; the one that a convolution reads stands in a border of zeros.
"""

from __future__ import annotations

from .calls import integers, operands, zero_of
from .lanes import LANES, ahead, fill, fma, load, number, store

__all__ = ["convolve", "weight_gradient"]


def convolve(call):
    """Write `out[h, w, o] = sum_(i, j, k) x[h + i, w + j, k] * weight[i, j, k, o]`.

    Pixels of `x` have `x_step` numbers, of which `depth` count, and rows `row`; `weight` is
    `[size, size, depth, step]`. Eight pixels of one vector of outputs are summed in registers at a time.
    """
    x, weight, out = operands(call, 3)
    x_step, depth, step, height, width, size, row = integers(call, 7)
    zero = zero_of(call)
    for h in range(height):
        for o in range(0, step, LANES):
            line, target = ahead(x, h * row), ahead(out, h * width * step + o)
            w = 0
            while w + 8 <= width:
                s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = fill(zero)
                right = ahead(weight, o)
                for i in range(size):
                    for j in range(size):
                        left = ahead(line, i * row + (w + j) * x_step)
                        for _ in range(depth):
                            taps = load(right)
                            s0 = fma(fill(number(left)), taps, s0)
                            s1 = fma(fill(number(ahead(left, x_step))), taps, s1)
                            s2 = fma(fill(number(ahead(left, 2 * x_step))), taps, s2)
                            s3 = fma(fill(number(ahead(left, 3 * x_step))), taps, s3)
                            s4 = fma(fill(number(ahead(left, 4 * x_step))), taps, s4)
                            s5 = fma(fill(number(ahead(left, 5 * x_step))), taps, s5)
                            s6 = fma(fill(number(ahead(left, 6 * x_step))), taps, s6)
                            s7 = fma(fill(number(ahead(left, 7 * x_step))), taps, s7)
                            left, right = ahead(left, 1), ahead(right, step)
                place = ahead(target, w * step)
                store(place, s0)
                store(ahead(place, step), s1)
                store(ahead(place, 2 * step), s2)
                store(ahead(place, 3 * step), s3)
                store(ahead(place, 4 * step), s4)
                store(ahead(place, 5 * step), s5)
                store(ahead(place, 6 * step), s6)
                store(ahead(place, 7 * step), s7)
                w += 8
            while w < width:
                total = fill(zero)
                right = ahead(weight, o)
                for i in range(size):
                    for j in range(size):
                        left = ahead(line, i * row + (w + j) * x_step)
                        for k in range(depth):
                            total = fma(fill(number(ahead(left, k))), load(right), total)
                            right = ahead(right, step)
                store(ahead(target, w * step), total)
                w += 1


def weight_gradient(call):
    """Write `out[i, j, k, o] = sum_(h, w) x[h + i, w + j, k] * gradient[h, w, o]`.

    Eight `k` of one vector of outputs are summed in registers at a time.
    """
    x, gradient, out = operands(call, 3)
    x_step, depth, step, height, width, size, row = integers(call, 7)
    zero = zero_of(call)
    for tap in range(size * size):
        for o in range(0, step, LANES):
            first = ahead(x, tap // size * row + tap % size * x_step)
            target = ahead(out, tap * depth * step + o)
            k = 0
            while k + 8 <= depth:
                s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = fill(zero)
                for h in range(height):
                    left, right = ahead(first, h * row + k), ahead(gradient, h * width * step + o)
                    for _ in range(width):
                        g = load(right)
                        s0 = fma(fill(number(left)), g, s0)
                        s1 = fma(fill(number(ahead(left, 1))), g, s1)
                        s2 = fma(fill(number(ahead(left, 2))), g, s2)
                        s3 = fma(fill(number(ahead(left, 3))), g, s3)
                        s4 = fma(fill(number(ahead(left, 4))), g, s4)
                        s5 = fma(fill(number(ahead(left, 5))), g, s5)
                        s6 = fma(fill(number(ahead(left, 6))), g, s6)
                        s7 = fma(fill(number(ahead(left, 7))), g, s7)
                        left, right = ahead(left, x_step), ahead(right, step)
                place = ahead(target, k * step)
                store(place, s0)
                store(ahead(place, step), s1)
                store(ahead(place, 2 * step), s2)
                store(ahead(place, 3 * step), s3)
                store(ahead(place, 4 * step), s4)
                store(ahead(place, 5 * step), s5)
                store(ahead(place, 6 * step), s6)
                store(ahead(place, 7 * step), s7)
                k += 8
            while k < depth:
                total = fill(zero)
                for h in range(height):
                    left, right = ahead(first, h * row + k), ahead(gradient, h * width * step + o)
                    for _ in range(width):
                        total = fma(fill(number(left)), load(right), total)
                        left, right = ahead(left, x_step), ahead(right, step)
                store(ahead(target, k * step), total)
                k += 1
