"""Convolution of one image in which every output channel sees every input channel, and its weight's gradient.

Images are channels-last, as in `depthwise`; the one that a convolution reads stands in a border of zeros.
"""

from __future__ import annotations

from .frame import integers, operands, zero_of
from .gemm import eight_of, fma_eight, store_eight, store_sum
from .simd import SIMD_WIDTH, broadcast, fma, load, load_scalar, offset, store

__all__ = ["convolve", "weight_gradient"]


def convolve(frame):
    """Write `out[h, w, o] = sum_(i, j, k) x[s h + d i, s w + d j, k] * weight[i, j, k, o]`.

    `s` is the stride, `d` the dilation. Pixels of `x` have `x_stride` numbers, of which `depth` count, and rows `row`;
    `weight` is `[size, size, depth, channel_stride]`. Eight pixels of one vector of outputs are summed
    in registers; the result is added to `out` if `keep` is 1, to `bias[o]` if it is 2.
    """
    x, weight, out, bias = operands(frame, 4)
    x_stride, depth, channel_stride, height, width, size, row, stride, dilation, keep = integers(frame, 10)
    zero, across = zero_of(frame), stride * x_stride
    for h in range(height):
        for o in range(0, channel_stride, SIMD_WIDTH):
            line, target = offset(x, h * stride * row), offset(out, h * width * channel_stride + o)
            w, first = 0, load(offset(bias, o)) if keep == 2 else broadcast(zero)
            while w + 8 <= width:
                right, sums = offset(weight, o), eight_of(first)
                for i in range(size):
                    for j in range(size):
                        left = offset(line, i * dilation * row + (w * stride + j * dilation) * x_stride)
                        for _ in range(depth):
                            sums = fma_eight(left, across, load(right), sums)
                            left, right = offset(left, 1), offset(right, channel_stride)
                store_eight(offset(target, w * channel_stride), channel_stride, sums, keep == 1)
                w += 8
            while w < width:
                total, right = first, offset(weight, o)
                for i in range(size):
                    for j in range(size):
                        left = offset(line, i * dilation * row + (w * stride + j * dilation) * x_stride)
                        for k in range(depth):
                            total = fma(broadcast(load_scalar(offset(left, k))), load(right), total)
                            right = offset(right, channel_stride)
                store_sum(offset(target, w * channel_stride), total, keep == 1)
                w += 1


def weight_gradient(frame):
    """Write `out[i, j, k, o] = sum_(h, w) x[s h + d i, s w + d j, k] * gradient[h, w, o]`.

    Eight `k` of one vector of outputs are summed in registers at a time.
    """
    x, gradient, out = operands(frame, 3)
    x_stride, depth, channel_stride, height, width, size, row, stride, dilation = integers(frame, 9)
    zero, across = zero_of(frame), stride * x_stride
    for tap in range(size * size):
        for o in range(0, channel_stride, SIMD_WIDTH):
            first = offset(x, (tap // size * row + tap % size * x_stride) * dilation)
            target = offset(out, tap * depth * channel_stride + o)
            k = 0
            while k + 8 <= depth:
                sums = eight_of(broadcast(zero))
                for h in range(height):
                    left, right = offset(first, h * stride * row + k), offset(gradient, h * width * channel_stride + o)
                    for _ in range(width):
                        sums = fma_eight(left, 1, load(right), sums)
                        left, right = offset(left, across), offset(right, channel_stride)
                store_eight(offset(target, k * channel_stride), channel_stride, sums, False)
                k += 8
            while k < depth:
                total = broadcast(zero)
                for h in range(height):
                    left, right = offset(first, h * stride * row + k), offset(gradient, h * width * channel_stride + o)
                    for _ in range(width):
                        total = fma(broadcast(load_scalar(left)), load(right), total)
                        left, right = offset(left, across), offset(right, channel_stride)
                store(offset(target, k * channel_stride), total)
                k += 1
