"""Sums over operations and over the pixels of one image, and the mask of ReLU."""

from __future__ import annotations

from .calls import integers, operands, term_flag, terms, zero_of
from .lanes import LANES, add, ahead, fill, fma, load, number, put, store, where_positive

__all__ = ["inner_products", "mix", "rectify_gradient", "sums", "weigh"]

TILE = 8  # pixels that `mix` sums at a time, in registers


def sums(call):
    """Write `sum_p x[p]` per channel."""
    x, out = operands(call, 2)
    step, pixels = integers(call, 2)
    zero = zero_of(call)
    for c in range(0, step, LANES):
        total = fill(zero)
        for p in range(pixels):
            total = add(total, load(ahead(x, p * step + c)))
        store(ahead(out, c), total)


def inner_products(call):
    """Write `sum_p a[p] b[p]` per channel."""
    a, b, out = operands(call, 3)
    step, pixels = integers(call, 2)
    zero = zero_of(call)
    for c in range(0, step, LANES):
        s0 = s1 = s2 = s3 = fill(zero)
        p = 0
        while p + 4 <= pixels:
            i = p * step + c
            s0 = fma(load(ahead(a, i)), load(ahead(b, i)), s0)
            s1 = fma(load(ahead(a, i + step)), load(ahead(b, i + step)), s1)
            s2 = fma(load(ahead(a, i + 2 * step)), load(ahead(b, i + 2 * step)), s2)
            s3 = fma(load(ahead(a, i + 3 * step)), load(ahead(b, i + 3 * step)), s3)
            p += 4
        while p < pixels:
            s0 = fma(load(ahead(a, p * step + c)), load(ahead(b, p * step + c)), s0)
            p += 1
        store(ahead(out, c), add(add(s0, s1), add(s2, s3)))


def rectify_gradient(call):
    """Write the gradient through max(x, 0), or max(scale * x + shift, 0) if `scaled`; add it to `out` if `keep`."""
    gradient, x, out, scale, shift = operands(call, 5)
    step, pixels, scaled, keep = integers(call, 4)
    zero = zero_of(call)
    for c in range(0, step, LANES):
        a = load(ahead(scale, c)) if scaled else fill(zero)
        b = load(ahead(shift, c)) if scaled else fill(zero)
        for p in range(pixels):
            value = load(ahead(x, p * step + c))
            if scaled:
                value = fma(a, value, b)
            passed = where_positive(value, load(ahead(gradient, p * step + c)))
            target = ahead(out, p * step + c)
            if keep:
                passed = add(passed, load(target))
            store(target, passed)


def weigh(call):
    """Write each term's scale, weight * r, and the shift of their sum, -sum(weight * r * mean).

    A term, (weight, statistics, scale), whose flag is 0 has the scale `weight` and no part in the shift.
    """
    (shift,) = operands(call, 1)
    count, step = integers(call, 2)
    zero = zero_of(call)
    for c in range(step):
        total = zero
        for t in range(count):
            weight, statistics, scale = terms(call, t, 3)
            factor = number(weight)
            if term_flag(call, t):
                factor *= number(ahead(statistics, step + c))
                total -= factor * number(ahead(statistics, c))
            put(ahead(scale, c), factor)
        put(ahead(shift, c), total)


def mix(call):
    """Write `out = sum_t scale_t * x_t + shift` of terms (x, scale)."""
    out, shift = operands(call, 2)
    count, step, pixels = integers(call, 3)
    for c in range(0, step, LANES):
        line = load(ahead(shift, c))
        for first in range(0, pixels - TILE + 1, TILE):
            s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = line
            for t in range(count):
                x, scale = terms(call, t, 2)
                a, x = load(ahead(scale, c)), ahead(x, first * step + c)
                s0 = fma(a, load(x), s0)
                s1 = fma(a, load(ahead(x, step)), s1)
                s2 = fma(a, load(ahead(x, 2 * step)), s2)
                s3 = fma(a, load(ahead(x, 3 * step)), s3)
                s4 = fma(a, load(ahead(x, 4 * step)), s4)
                s5 = fma(a, load(ahead(x, 5 * step)), s5)
                s6 = fma(a, load(ahead(x, 6 * step)), s6)
                s7 = fma(a, load(ahead(x, 7 * step)), s7)
            target = ahead(out, first * step + c)
            store(target, s0)
            store(ahead(target, step), s1)
            store(ahead(target, 2 * step), s2)
            store(ahead(target, 3 * step), s3)
            store(ahead(target, 4 * step), s4)
            store(ahead(target, 5 * step), s5)
            store(ahead(target, 6 * step), s6)
            store(ahead(target, 7 * step), s7)
        for pixel in range(pixels - pixels % TILE, pixels):
            total = line
            for t in range(count):
                x, scale = terms(call, t, 2)
                total = fma(load(ahead(scale, c)), load(ahead(x, pixel * step + c)), total)
            store(ahead(out, pixel * step + c), total)
