"""Matrix products: pointwise convolutions, and both of their gradients."""

from __future__ import annotations

from numba import njit

from .calls import integers, operands, zero_of
from .lanes import LANES, add, ahead, fill, fma, load, number, store

__all__ = ["product"]  # and the functions for eight sums, which `dense` shares


@njit
def put_sum(target, vector, keep):
    """Write `vector` to `target`, or add it to what stands there if `keep`."""
    if keep:
        vector = add(vector, load(target))
    store(target, vector)


@njit
def add_eight(left, across, vector, sums):
    """Return eight sums with the products of `vector` and the numbers at `left`, `across` apart, added."""
    s0, s1, s2, s3, s4, s5, s6, s7 = sums
    return (
        fma(fill(number(left)), vector, s0),
        fma(fill(number(ahead(left, across))), vector, s1),
        fma(fill(number(ahead(left, 2 * across))), vector, s2),
        fma(fill(number(ahead(left, 3 * across))), vector, s3),
        fma(fill(number(ahead(left, 4 * across))), vector, s4),
        fma(fill(number(ahead(left, 5 * across))), vector, s5),
        fma(fill(number(ahead(left, 6 * across))), vector, s6),
        fma(fill(number(ahead(left, 7 * across))), vector, s7),
    )


@njit
def put_eight(target, across, sums, keep):
    """Write eight sums, `across` apart, or add them to what stands there if `keep`."""
    s0, s1, s2, s3, s4, s5, s6, s7 = sums
    put_sum(target, s0, keep)
    put_sum(ahead(target, across), s1, keep)
    put_sum(ahead(target, 2 * across), s2, keep)
    put_sum(ahead(target, 3 * across), s3, keep)
    put_sum(ahead(target, 4 * across), s4, keep)
    put_sum(ahead(target, 5 * across), s5, keep)
    put_sum(ahead(target, 6 * across), s6, keep)
    put_sum(ahead(target, 7 * across), s7, keep)


@njit
def eight(vector):
    """Return eight sums that begin with a vector."""
    return vector, vector, vector, vector, vector, vector, vector, vector


def product(call):
    """Write `out[i, j] = sum_k a[i, k] b[k, j]`, added to `out` if `keep`.

    `a[i, k]` stands `i * a_row + k * a_step` numbers after `a`, so `a` may be a transposed matrix; rows of `b` and
    `out` are contiguous and `columns` is a multiple of `LANES`. Eight rows of one vector of columns are summed in
    registers at a time.
    """
    a, b, out = operands(call, 3)
    a_row, a_step, b_row, out_row, rows, depth, columns, keep = integers(call, 8)
    zero = zero_of(call)
    for j in range(0, columns, LANES):
        i = 0
        while i + 8 <= rows:
            left, right, sums = ahead(a, i * a_row), ahead(b, j), eight(fill(zero))
            for _ in range(depth):
                sums = add_eight(left, a_row, load(right), sums)
                left, right = ahead(left, a_step), ahead(right, b_row)
            put_eight(ahead(out, i * out_row + j), out_row, sums, keep)
            i += 8
        while i < rows:
            s0 = fill(zero)
            for k in range(depth):
                s0 = fma(fill(number(ahead(a, i * a_row + k * a_step))), load(ahead(b, k * b_row + j)), s0)
            put_sum(ahead(out, i * out_row + j), s0, keep)
            i += 1
