"""Arithmetic on tensors number by number, whatever their shape."""

from __future__ import annotations

from .frame import integers, operands, zero_of
from .simd import SIMD_WIDTH, add, broadcast, fma, load, load_scalar, mul, offset, store, store_scalar

__all__ = ["add_scaled", "assign", "scale", "squares"]


def assign(frame):
    """Write `out = x`."""
    out, x = operands(frame, 2)
    (length,) = integers(frame, 1)
    whole = length - length % SIMD_WIDTH
    for i in range(0, whole, SIMD_WIDTH):
        store(offset(out, i), load(offset(x, i)))
    for i in range(whole, length):
        store_scalar(offset(out, i), load_scalar(offset(x, i)))


def add_scaled(frame):
    """Write `out = x + factor * direction`."""
    out, x, direction, factor = operands(frame, 4)
    (length,) = integers(frame, 1)
    whole, amount = length - length % SIMD_WIDTH, load_scalar(factor)
    for i in range(0, whole, SIMD_WIDTH):
        store(offset(out, i), fma(broadcast(amount), load(offset(direction, i)), load(offset(x, i))))
    for i in range(whole, length):
        store_scalar(offset(out, i), load_scalar(offset(x, i)) + amount * load_scalar(offset(direction, i)))


def scale(frame):
    """Write `out = factor * out`."""
    out, factor = operands(frame, 2)
    (length,) = integers(frame, 1)
    whole, amount = length - length % SIMD_WIDTH, load_scalar(factor)
    for i in range(0, whole, SIMD_WIDTH):
        store(offset(out, i), mul(broadcast(amount), load(offset(out, i))))
    for i in range(whole, length):
        store_scalar(offset(out, i), amount * load_scalar(offset(out, i)))


def squares(frame):
    """Write `SIMD_WIDTH` numbers whose sum is that of the squares of x."""
    x, out = operands(frame, 2)
    (length,) = integers(frame, 1)
    zero = zero_of(frame)
    whole, rest = length - length % SIMD_WIDTH, zero
    s0 = s1 = s2 = s3 = broadcast(zero)
    i = 0
    while i + 4 * SIMD_WIDTH <= whole:
        x0, x1 = load(offset(x, i)), load(offset(x, i + SIMD_WIDTH))
        x2, x3 = load(offset(x, i + 2 * SIMD_WIDTH)), load(offset(x, i + 3 * SIMD_WIDTH))
        s0, s1, s2, s3 = fma(x0, x0, s0), fma(x1, x1, s1), fma(x2, x2, s2), fma(x3, x3, s3)
        i += 4 * SIMD_WIDTH
    while i < whole:
        s0 = fma(load(offset(x, i)), load(offset(x, i)), s0)
        i += SIMD_WIDTH
    for i in range(whole, length):
        rest += load_scalar(offset(x, i)) * load_scalar(offset(x, i))
    store(out, add(add(s0, s1), add(s2, s3)))
    store_scalar(out, load_scalar(out) + rest)
