"""Matrix products: pointwise convolutions, and both of their gradients."""

from __future__ import annotations

from numba import njit

from .frame import integers, operands, zero_of
from .simd import SIMD_WIDTH, add, broadcast, fma, load, load_scalar, offset, store

__all__ = ["gemm"]  # and the functions for eight sums, which `dense_conv2d` shares


@njit
def store_sum(target, vector, keep):
    """Write `vector` to `target`, or add it to what stands there if `keep`."""
    if keep:
        vector = add(vector, load(target))
    store(target, vector)


@njit
def fma_eight(left, across, vector, sums):
    """Return eight sums with the products of `vector` and the numbers at `left`, `across` apart, added."""
    s0, s1, s2, s3, s4, s5, s6, s7 = sums
    return (
        fma(broadcast(load_scalar(left)), vector, s0),
        fma(broadcast(load_scalar(offset(left, across))), vector, s1),
        fma(broadcast(load_scalar(offset(left, 2 * across))), vector, s2),
        fma(broadcast(load_scalar(offset(left, 3 * across))), vector, s3),
        fma(broadcast(load_scalar(offset(left, 4 * across))), vector, s4),
        fma(broadcast(load_scalar(offset(left, 5 * across))), vector, s5),
        fma(broadcast(load_scalar(offset(left, 6 * across))), vector, s6),
        fma(broadcast(load_scalar(offset(left, 7 * across))), vector, s7),
    )


@njit
def store_eight(target, across, sums, keep):
    """Write eight sums, `across` apart, or add them to what stands there if `keep`."""
    s0, s1, s2, s3, s4, s5, s6, s7 = sums
    store_sum(target, s0, keep)
    store_sum(offset(target, across), s1, keep)
    store_sum(offset(target, 2 * across), s2, keep)
    store_sum(offset(target, 3 * across), s3, keep)
    store_sum(offset(target, 4 * across), s4, keep)
    store_sum(offset(target, 5 * across), s5, keep)
    store_sum(offset(target, 6 * across), s6, keep)
    store_sum(offset(target, 7 * across), s7, keep)


@njit
def eight_of(vector):
    """Return eight sums that begin with a vector."""
    return vector, vector, vector, vector, vector, vector, vector, vector


def gemm(frame):
    """Write `out[i, j] = sum_k a[i, k] b[k, j]`, added to `out` if `keep` is 1, to `bias[j]` if it is 2.

    `a[i, k]` stands `i * a_row + k * a_stride` numbers after `a`, so `a` may be a transposed matrix; rows of `b` and
    `out` are contiguous and `columns` is a multiple of `SIMD_WIDTH`. Eight rows of one vector of columns are summed in
    registers at a time.
    """
    a, b, out, bias = operands(frame, 4)
    a_row, a_stride, b_row, out_row, rows, depth, columns, keep = integers(frame, 8)
    zero = zero_of(frame)
    for j in range(0, columns, SIMD_WIDTH):
        i, first = 0, load(offset(bias, j)) if keep == 2 else broadcast(zero)
        while i + 8 <= rows:
            left, right, sums = offset(a, i * a_row), offset(b, j), eight_of(first)
            for _ in range(depth):
                sums = fma_eight(left, a_row, load(right), sums)
                left, right = offset(left, a_stride), offset(right, b_row)
            store_eight(offset(out, i * out_row + j), out_row, sums, keep == 1)
            i += 8
        while i < rows:
            s0 = first
            for k in range(depth):
                s0 = fma(
                    broadcast(load_scalar(offset(a, i * a_row + k * a_stride))), load(offset(b, k * b_row + j)), s0
                )
            store_sum(offset(out, i * out_row + j), s0, keep == 1)
            i += 1
