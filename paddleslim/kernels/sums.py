"""Sums over operations and over the pixels of one image, and the mask of ReLU."""

from __future__ import annotations

from numba import njit

from .frame import batch, integers, operands, term_stride, terms, zero_of
from .simd import SIMD_WIDTH, add, broadcast, fma, load, load_scalar, mul, offset, store, store_scalar, where_positive

__all__ = [
    "inner_products", "inner_products_and_sums", "rectify_gradient", "sums", "term_gradient", "weighted_sum",
]  # fmt: skip

TILE = 8  # pixels that `weighted_sum` sums at a time, in registers


def sums(frame):
    """Write `sum_p x[p]` per channel."""
    x, out = operands(frame, 2)
    channel_stride, pixels = integers(frame, 2)
    zero = zero_of(frame)
    for c in range(0, channel_stride, SIMD_WIDTH):
        total = broadcast(zero)
        for p in range(pixels):
            total = add(total, load(offset(x, p * channel_stride + c)))
        store(offset(out, c), total)


def inner_products(frame):
    """Write `sum_p a[p] b[p]` per channel."""
    a, b, out = operands(frame, 3)
    channel_stride, pixels = integers(frame, 2)
    zero = zero_of(frame)
    for c in range(0, channel_stride, SIMD_WIDTH):
        s0 = s1 = s2 = s3 = broadcast(zero)
        p = 0
        while p + 4 <= pixels:
            i = p * channel_stride + c
            s0 = fma(load(offset(a, i)), load(offset(b, i)), s0)
            s1 = fma(load(offset(a, i + channel_stride)), load(offset(b, i + channel_stride)), s1)
            s2 = fma(load(offset(a, i + 2 * channel_stride)), load(offset(b, i + 2 * channel_stride)), s2)
            s3 = fma(load(offset(a, i + 3 * channel_stride)), load(offset(b, i + 3 * channel_stride)), s3)
            p += 4
        while p < pixels:
            s0 = fma(load(offset(a, p * channel_stride + c)), load(offset(b, p * channel_stride + c)), s0)
            p += 1
        store(offset(out, c), add(add(s0, s1), add(s2, s3)))


def inner_products_and_sums(frame):
    """Write `sum_p a[p] b[p]` per channel, and behind them `sum_p a[p]`."""
    a, b, out = operands(frame, 3)
    channel_stride, pixels = integers(frame, 2)
    zero = zero_of(frame)
    for c in range(0, channel_stride, SIMD_WIDTH):
        s0 = s1 = s2 = s3 = t0 = t1 = t2 = t3 = broadcast(zero)
        p = 0
        while p + 4 <= pixels:
            i = p * channel_stride + c
            a0, a1 = load(offset(a, i)), load(offset(a, i + channel_stride))
            a2, a3 = load(offset(a, i + 2 * channel_stride)), load(offset(a, i + 3 * channel_stride))
            s0, s1 = fma(a0, load(offset(b, i)), s0), fma(a1, load(offset(b, i + channel_stride)), s1)
            s2 = fma(a2, load(offset(b, i + 2 * channel_stride)), s2)
            s3 = fma(a3, load(offset(b, i + 3 * channel_stride)), s3)
            t0, t1, t2, t3 = add(a0, t0), add(a1, t1), add(a2, t2), add(a3, t3)
            p += 4
        while p < pixels:
            a0 = load(offset(a, p * channel_stride + c))
            s0, t0 = fma(a0, load(offset(b, p * channel_stride + c)), s0), add(a0, t0)
            p += 1
        store(offset(out, c), add(add(s0, s1), add(s2, s3)))
        store(offset(out, channel_stride + c), add(add(t0, t1), add(t2, t3)))


def rectify_gradient(frame):
    """Write the gradient through max(x, 0), or max(scale * x + shift, 0) if `scaled`; add it to `out` if `keep`."""
    gradient, x, out, scale, shift = operands(frame, 5)
    channel_stride, pixels, scaled, keep = integers(frame, 4)
    zero = zero_of(frame)
    for c in range(0, channel_stride, SIMD_WIDTH):
        a = load(offset(scale, c)) if scaled else broadcast(zero)
        b = load(offset(shift, c)) if scaled else broadcast(zero)
        for p in range(pixels):
            value = load(offset(x, p * channel_stride + c))
            if scaled:
                value = fma(a, value, b)
            passed = where_positive(value, load(offset(gradient, p * channel_stride + c)))
            target = offset(out, p * channel_stride + c)
            if keep:
                passed = add(passed, load(target))
            store(target, passed)


@njit
def factor_of(factor, scale):
    """Return `factor * scale` of a term, a vector."""
    return mul(broadcast(load_scalar(factor)), load(scale))


def weighted_sum(frame):
    """Write `out = sum_t f_t a_t x_t + sum_s f_s b_s`, terms (x, a, f) of images first, then terms (b, f) of constants.

    `a` and `b` are vectors of channels, f one number. A term whose f is zero is not read.
    """
    (out,) = operands(frame, 1)
    count, constants, channel_stride, pixels = integers(frame, 4)
    zero = zero_of(frame)
    for c in range(0, channel_stride, SIMD_WIDTH):
        line = broadcast(zero)
        for t in range(count, count + constants):
            shift, factor = terms(frame, t, 2)
            if load_scalar(factor) != zero:
                line = add(line, factor_of(factor, offset(shift, c)))
        for first in range(0, pixels - TILE + 1, TILE):
            s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = line
            for t in range(count):
                x, scale, factor = terms(frame, t, 3)
                if load_scalar(factor) != zero:
                    a, x = factor_of(factor, offset(scale, c)), offset(x, first * channel_stride + c)
                    s0 = fma(a, load(x), s0)
                    s1 = fma(a, load(offset(x, channel_stride)), s1)
                    s2 = fma(a, load(offset(x, 2 * channel_stride)), s2)
                    s3 = fma(a, load(offset(x, 3 * channel_stride)), s3)
                    s4 = fma(a, load(offset(x, 4 * channel_stride)), s4)
                    s5 = fma(a, load(offset(x, 5 * channel_stride)), s5)
                    s6 = fma(a, load(offset(x, 6 * channel_stride)), s6)
                    s7 = fma(a, load(offset(x, 7 * channel_stride)), s7)
            target = offset(out, first * channel_stride + c)
            store(target, s0)
            store(offset(target, channel_stride), s1)
            store(offset(target, 2 * channel_stride), s2)
            store(offset(target, 3 * channel_stride), s3)
            store(offset(target, 4 * channel_stride), s4)
            store(offset(target, 5 * channel_stride), s5)
            store(offset(target, 6 * channel_stride), s6)
            store(offset(target, 7 * channel_stride), s7)
        for pixel in range(pixels - pixels % TILE, pixels):
            total = line
            for t in range(count):
                x, scale, factor = terms(frame, t, 3)
                if load_scalar(factor) != zero:
                    a = factor_of(factor, offset(scale, c))
                    total = fma(a, load(offset(x, pixel * channel_stride + c)), total)
            store(offset(out, pixel * channel_stride + c), total)


def term_gradient(frame):
    """Write the gradient of a factor, `sum_t sum_c vector_t[c] sum_n f_t[n] sums_t[n, c]`; add it to `out` if `keep`.

    Terms are (sums, vector, factor): of what the factor multiplies, sum_t f_t a_t x_t + sum_s f_s b_s, the inner
    products of its parts x_t with the gradient, or the gradient's sums.
    """
    (out,) = operands(frame, 1)
    count, channels, keep = integers(frame, 3)
    samples, total = batch(frame), 0.0
    if keep:
        total = load_scalar(out) + 0.0
    for t in range(count):
        sums, vector, factor = terms(frame, t, 3)
        sum_stride, factor_stride = term_stride(frame, t, 0), term_stride(frame, t, 2)
        for n in range(samples):
            f = load_scalar(offset(factor, n * factor_stride)) + 0.0
            if f != 0.0:
                for c in range(channels):
                    total += f * load_scalar(offset(vector, c)) * load_scalar(offset(sums, n * sum_stride + c))
    store_scalar(out, total)
