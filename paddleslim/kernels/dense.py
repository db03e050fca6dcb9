"""Convolution of one image in which every output channel sees every input channel, and its weight's gradient.

Images are channels-last, as in `depthwise`; the one that a convolution reads stands in a border of zeros.
"""

from __future__ import annotations

from .calls import integers, operands, zero_of
from .lanes import LANES, ahead, fill, fma, load, number, store
from .products import add_eight, eight, put_eight

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
                right, sums = ahead(weight, o), eight(fill(zero))
                for i in range(size):
                    for j in range(size):
                        left = ahead(line, i * row + (w + j) * x_step)
                        for _ in range(depth):
                            sums = add_eight(left, x_step, load(right), sums)
                            left, right = ahead(left, 1), ahead(right, step)
                put_eight(ahead(target, w * step), step, sums, False)
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
                sums = eight(fill(zero))
                for h in range(height):
                    left, right = ahead(first, h * row + k), ahead(gradient, h * width * step + o)
                    for _ in range(width):
                        sums = add_eight(left, 1, load(right), sums)
                        left, right = ahead(left, x_step), ahead(right, step)
                put_eight(ahead(target, k * step), step, sums, False)
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
