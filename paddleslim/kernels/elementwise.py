"""Arithmetic on tensors number by number, whatever their shape."""

from __future__ import annotations

from .calls import integers, operands, zero_of
from .lanes import LANES, add, ahead, fill, fma, load, mul, number, put, store

__all__ = ["add_scaled", "assign", "scale", "squares"]


def assign(call):
    """Write `out = x`."""
    out, x = operands(call, 2)
    (length,) = integers(call, 1)
    whole = length - length % LANES
    for i in range(0, whole, LANES):
        store(ahead(out, i), load(ahead(x, i)))
    for i in range(whole, length):
        put(ahead(out, i), number(ahead(x, i)))


def add_scaled(call):
    """Write `out = x + factor * direction`."""
    out, x, direction, factor = operands(call, 4)
    (length,) = integers(call, 1)
    whole, amount = length - length % LANES, number(factor)
    for i in range(0, whole, LANES):
        store(ahead(out, i), fma(fill(amount), load(ahead(direction, i)), load(ahead(x, i))))
    for i in range(whole, length):
        put(ahead(out, i), number(ahead(x, i)) + amount * number(ahead(direction, i)))


def scale(call):
    """Write `out = factor * out`."""
    out, factor = operands(call, 2)
    (length,) = integers(call, 1)
    whole, amount = length - length % LANES, number(factor)
    for i in range(0, whole, LANES):
        store(ahead(out, i), mul(fill(amount), load(ahead(out, i))))
    for i in range(whole, length):
        put(ahead(out, i), amount * number(ahead(out, i)))


def squares(call):
    """Write `LANES` numbers whose sum is that of the squares of x."""
    x, out = operands(call, 2)
    (length,) = integers(call, 1)
    zero = zero_of(call)
    whole, rest = length - length % LANES, zero
    s0 = s1 = s2 = s3 = fill(zero)
    i = 0
    while i + 4 * LANES <= whole:
        x0, x1 = load(ahead(x, i)), load(ahead(x, i + LANES))
        x2, x3 = load(ahead(x, i + 2 * LANES)), load(ahead(x, i + 3 * LANES))
        s0, s1, s2, s3 = fma(x0, x0, s0), fma(x1, x1, s1), fma(x2, x2, s2), fma(x3, x3, s3)
        i += 4 * LANES
    while i < whole:
        s0 = fma(load(ahead(x, i)), load(ahead(x, i)), s0)
        i += LANES
    for i in range(whole, length):
        rest += number(ahead(x, i)) * number(ahead(x, i))
    store(out, add(add(s0, s1), add(s2, s3)))
    put(out, number(out) + rest)
