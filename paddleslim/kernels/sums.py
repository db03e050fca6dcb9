"""Sums over operations and over the pixels of one image, and the mask of ReLU."""

from __future__ import annotations

from .blocks import (
    add_four,
    add_terms,
    block_of,
    fma_four,
    four,
    load_four,
    mul_four,
    prefetch_four,
    store_four,
    store_totals,
)
from .frame import batch, integers, operands, term_stride, terms, zero_of
from .simd import (
    SIMD_WIDTH,
    add,
    broadcast,
    fma,
    inlined,
    load,
    load_scalar,
    offset,
    store,
    store_scalar,
    where_positive,
)

__all__ = [
    "inner_products", "inner_products_and_sums", "rectify_gradient", "sums", "term_gradient", "weighted_sum",
]  # fmt: skip


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
    zero, c = zero_of(frame), 0
    while c < channel_stride:
        places, _, together, vectors = block_of(channel_stride, c, 4)
        x, y, products = offset(a, c), offset(b, c), four(broadcast(zero))
        for _ in range(pixels // together):
            products = fma_four(load_four(x, places), load_four(y, places), products)
            prefetch_four(y, places)
            x, y = offset(x, together * channel_stride), offset(y, together * channel_stride)
        store_totals(offset(out, c), products, vectors)
        for p in range(pixels % together):
            for k in range(0, vectors * SIMD_WIDTH, SIMD_WIDTH):
                target, i = offset(out, c + k), p * channel_stride + k
                store(target, fma(load(offset(x, i)), load(offset(y, i)), load(target)))
        c += vectors * SIMD_WIDTH


def inner_products_and_sums(frame):
    """Write `sum_p a[p] b[p]` per channel, and behind them `sum_p a[p]`."""
    a, b, out = operands(frame, 3)
    channel_stride, pixels = integers(frame, 2)
    zero, c = zero_of(frame), 0
    while c < channel_stride:
        places, _, together, vectors = block_of(channel_stride, c, 4)
        x, y, products, totals = offset(a, c), offset(b, c), four(broadcast(zero)), four(broadcast(zero))
        for _ in range(pixels // together):
            part = load_four(x, places)
            products, totals = fma_four(part, load_four(y, places), products), add_four(part, totals)
            prefetch_four(y, places)
            x, y = offset(x, together * channel_stride), offset(y, together * channel_stride)
        store_totals(offset(out, c), products, vectors)
        store_totals(offset(out, channel_stride + c), totals, vectors)
        for p in range(pixels % together):
            for k in range(0, vectors * SIMD_WIDTH, SIMD_WIDTH):
                target, i = offset(out, c + k), p * channel_stride + k
                store(target, fma(load(offset(x, i)), load(offset(y, i)), load(target)))
                target = offset(target, channel_stride)
                store(target, add(load(offset(x, i)), load(target)))
        c += vectors * SIMD_WIDTH


def rectify_gradient(frame):
    """Write the gradient through max(x, 0), or max(scale * x + shift, 0) if `scaled`; add it to `out` if `keep`."""
    gradient, x, out, scale, shift = operands(frame, 5)
    channel_stride, pixels, scaled, keep = integers(frame, 4)
    for p in range(0, pixels * channel_stride, channel_stride):
        for c in range(0, channel_stride, SIMD_WIDTH):
            value = load(offset(x, p + c))
            if scaled:
                value = fma(load(offset(scale, c)), value, load(offset(shift, c)))
            passed = where_positive(value, load(offset(gradient, p + c)))
            target = offset(out, p + c)
            if keep:
                passed = add(passed, load(target))
            store(target, passed)


@inlined
def scaled_term(frame, t, begin, c, channels):
    """Return a term's image from `begin` on, and its factor times its scale for the channels of a block."""
    x, scale, factor = terms(frame, t, 3)
    return offset(x, begin), mul_four(four(broadcast(load_scalar(factor))), load_four(offset(scale, c), channels))


@inlined
def terms_together(frame, t, count, zero):
    """Return how many terms from t on to add in one pass, 4, 2, 1, or 0 if t's factor is zero."""
    found = 0
    while found < 4 and t + found < count and load_scalar(terms(frame, t + found, 3)[2]) != zero:
        found += 1
    return found if found != 3 else 2


def weighted_sum(frame):
    """Write `out = sum_t f_t a_t x_t + sum_s f_s b_s`, terms (x, a, f) of images first, then terms (b, f) of constants.

    `a` and `b` are vectors of channels, f one number. A term whose f is zero is not read. Four terms are added in one
    pass over the image, since memory is not read ahead in many more places at a time; `out` may be the first of them.
    """
    (out,) = operands(frame, 1)
    count, constants, channel_stride, pixels = integers(frame, 4)
    zero, c, p = zero_of(frame), 0, 0
    while c < channel_stride:
        places, channels, together, vectors = block_of(channel_stride, c, pixels - p)
        blocks, distance, begin = (pixels - p) // together, together * channel_stride, p * channel_stride + c
        line = four(broadcast(zero))
        for t in range(count, count + constants):
            shift, factor = terms(frame, t, 2)
            if load_scalar(factor) != zero:
                f = four(broadcast(load_scalar(factor)))
                line = add_four(line, mul_four(f, load_four(offset(shift, c), channels)))
        target, fresh, t = offset(out, begin), True, 0
        while t < count:
            group = terms_together(frame, t, count, zero)
            if group == 0:
                t += 1
                continue
            x0, a0 = scaled_term(frame, t, begin, c, channels)
            if group == 1:
                add_terms((x0,), (a0,), target, places, blocks, distance, line, fresh)
            else:
                x1, a1 = scaled_term(frame, t + 1, begin, c, channels)
                if group == 2:
                    add_terms((x0, x1), (a0, a1), target, places, blocks, distance, line, fresh)
                else:
                    x2, a2 = scaled_term(frame, t + 2, begin, c, channels)
                    x3, a3 = scaled_term(frame, t + 3, begin, c, channels)
                    images, scales = (x0, x1, x2, x3), (a0, a1, a2, a3)
                    add_terms(images, scales, target, places, blocks, distance, line, fresh)
            fresh, t = False, t + group
        for k in range(blocks if fresh else 0):
            store_four(offset(target, k * distance), places, line)
        p += blocks * together
        if p == pixels:
            c, p = c + vectors * SIMD_WIDTH, 0


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
