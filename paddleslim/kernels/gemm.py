"""Matrix products: pointwise convolutions, and both of their gradients."""

from __future__ import annotations

from .frame import integers, operands, zero_of
from .simd import SIMD_WIDTH, add, broadcast, fma, inlined, load, load_scalar, offset, store
from .tiles import HALF, UNROLLED, multiply_columns

__all__ = ["gemm"]  # and the functions for eight sums, which `dense_conv2d` shares


@inlined
def store_sum(target, vector, keep):
    """Write `vector` to `target`, or add it to what is there if `keep`."""
    if keep:
        vector = add(vector, load(target))
    store(target, vector)


@inlined
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


@inlined
def store_eight(target, across, sums, keep):
    """Write eight sums, `across` apart, or add them to what is there if `keep`."""
    s0, s1, s2, s3, s4, s5, s6, s7 = sums
    store_sum(target, s0, keep)
    store_sum(offset(target, across), s1, keep)
    store_sum(offset(target, 2 * across), s2, keep)
    store_sum(offset(target, 3 * across), s3, keep)
    store_sum(offset(target, 4 * across), s4, keep)
    store_sum(offset(target, 5 * across), s5, keep)
    store_sum(offset(target, 6 * across), s6, keep)
    store_sum(offset(target, 7 * across), s7, keep)


@inlined
def eight_of(vector):
    """Return eight sums that begin with a vector."""
    return vector, vector, vector, vector, vector, vector, vector, vector


@inlined
def prefetching_step(length, rows, depth, columns):
    """Return how many numbers to prefetch at a time, so that it is done when the product is."""
    tiles = (rows // 8 + rows % 8 // 4 + rows % 4) * max(columns // SIMD_WIDTH, 1)
    times = tiles * (depth // UNROLLED)
    return (length + times - 1) // max(times, 1)


def gemm(frame):
    """Write `out[i, j] = sum_k a[i, k] b[k, j]`, added to `out` if `keep` is 1, to `bias[j]` if it is 2.

    `a[i, k]` is `i * a_row + k * a_stride` numbers after `a`, so `a` may be a transposed matrix; rows of `b` and `out`
    are contiguous, of whole vectors. `columns` is a multiple of half a vector; the rest of the last vector of `out` is
    set to zero, or kept. Meanwhile `length` numbers from `ahead` on are prefetched: a product leaves the memory idle.
    """
    a, b, out, bias, ahead = operands(frame, 5)
    a_row, a_stride, b_row, out_row, rows, depth, columns, keep, length = integers(frame, 9)
    zero, added, j = broadcast(zero_of(frame)), keep == 1, 0
    step = prefetching_step(length, rows, depth, columns)
    while j < columns:
        right, target, first = offset(b, j), offset(out, j), load(offset(bias, j)) if keep == 2 else zero
        if columns - j == SIMD_WIDTH + HALF:
            both = first, load(offset(bias, j + SIMD_WIDTH)) if keep == 2 else zero
            ahead = multiply_columns(
                a, a_row, a_stride, right, b_row, rows, depth, target, out_row, both, added, ahead, step
            )
            j += 2 * SIMD_WIDTH
        else:
            ahead = multiply_columns(
                a, a_row, a_stride, right, b_row, rows, depth, target, out_row, (first,), added, ahead, step
            )
            j += SIMD_WIDTH
