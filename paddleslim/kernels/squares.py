"""Squares of as many vectors as a vector has numbers: what changes between planes and pixels at a time."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .simd import SIMD_WIDTH, emit_load, emit_prefetch, emit_store, shuffle_mask

__all__ = ["prefetch_square", "transpose"]


@intrinsic
def prefetch_square(typing_context, start, stride):
    """Wish that `SIMD_WIDTH` vectors, so many numbers apart, be in the second cache."""

    def build(context, builder, signature, args):
        start, stride = args
        for k in range(SIMD_WIDTH):
            emit_prefetch(builder, builder.gep(start, [builder.mul(stride, stride.type(k))]))
        return context.get_dummy_value()

    return types.void(start, types.int64), build


def emit_transposed(builder, source, stride):
    """Emit the rows of the transpose of the square of `SIMD_WIDTH` vectors at `source`, so many numbers apart."""
    index = ir.IntType(64)
    rows = [emit_load(builder, builder.gep(source, [builder.mul(stride, index(k))])) for k in range(SIMD_WIDTH)]
    swap = 1
    while swap < SIMD_WIDTH:  # exchange the squares off the diagonal, of 1, 2, 4, ... numbers in each direction
        low = shuffle_mask(k if not k & swap else SIMD_WIDTH + k - swap for k in range(SIMD_WIDTH))
        high = shuffle_mask(k + swap if not k & swap else SIMD_WIDTH + k for k in range(SIMD_WIDTH))
        for k in range(SIMD_WIDTH):
            if not k & swap:
                a, b = rows[k], rows[k + swap]
                rows[k], rows[k + swap] = builder.shuffle_vector(a, b, low), builder.shuffle_vector(a, b, high)
        swap *= 2
    return rows


@intrinsic
def transpose(typing_context, source, source_stride, target, target_stride, mask, masked):
    """Write the square of `SIMD_WIDTH` vectors at `source`, so many numbers apart, to `target` as its transpose.

    If `masked`, zeros where `mask`, of the layout of `target`, is not positive.
    """

    def build(context, builder, signature, args):
        source, source_stride, target, target_stride, mask, masked = args
        rows = emit_transposed(builder, source, source_stride)
        places = [builder.mul(target_stride, target_stride.type(k)) for k in range(SIMD_WIDTH)]
        nothing = ir.Constant(rows[0].type, None)
        with builder.if_else(masked) as (some, all_of_it):
            with some:
                for row, place in zip(rows, places):
                    positive = builder.fcmp_ordered(">", emit_load(builder, builder.gep(mask, [place])), nothing)
                    emit_store(builder, builder.select(positive, row, nothing), builder.gep(target, [place]))
            with all_of_it:
                for row, place in zip(rows, places):
                    emit_store(builder, row, builder.gep(target, [place]))
        return context.get_dummy_value()

    return types.void(source, types.int64, target, types.int64, mask, types.boolean), build
