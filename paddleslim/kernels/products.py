"""Matrix products: pointwise convolutions, and both of their gradients."""

from __future__ import annotations

from numba import njit

from .calls import integers, operands, zero_of
from .lanes import LANES, add, ahead, fill, fma, load, number, store

__all__ = ["product"]


@njit
def put_sum(target, vector, keep):
    """Write `vector` to `target`, or add it to what stands there if `keep`."""
    if keep:
        vector = add(vector, load(target))
    store(target, vector)


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
            s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = fill(zero)
            left, right = ahead(a, i * a_row), ahead(b, j)
            for _ in range(depth):
                line = load(right)
                s0 = fma(fill(number(left)), line, s0)
                s1 = fma(fill(number(ahead(left, a_row))), line, s1)
                s2 = fma(fill(number(ahead(left, 2 * a_row))), line, s2)
                s3 = fma(fill(number(ahead(left, 3 * a_row))), line, s3)
                s4 = fma(fill(number(ahead(left, 4 * a_row))), line, s4)
                s5 = fma(fill(number(ahead(left, 5 * a_row))), line, s5)
                s6 = fma(fill(number(ahead(left, 6 * a_row))), line, s6)
                s7 = fma(fill(number(ahead(left, 7 * a_row))), line, s7)
                left, right = ahead(left, a_step), ahead(right, b_row)
            target = ahead(out, i * out_row + j)
            put_sum(target, s0, keep)
            put_sum(ahead(target, out_row), s1, keep)
            put_sum(ahead(target, 2 * out_row), s2, keep)
            put_sum(ahead(target, 3 * out_row), s3, keep)
            put_sum(ahead(target, 4 * out_row), s4, keep)
            put_sum(ahead(target, 5 * out_row), s5, keep)
            put_sum(ahead(target, 6 * out_row), s6, keep)
            put_sum(ahead(target, 7 * out_row), s7, keep)
            i += 8
        while i < rows:
            s0 = fill(zero)
            for k in range(depth):
                s0 = fma(fill(number(ahead(a, i * a_row + k * a_step))), load(ahead(b, k * b_row + j)), s0)
            put_sum(ahead(out, i * out_row + j), s0, keep)
            i += 1
