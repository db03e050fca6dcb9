"""Tiles of a matrix product: some rows of one vector of columns, or of one and a half, that are summed in registers.

Half a vector takes half the time where a whole one is a register of AVX-512; elsewhere it takes as long.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from .simd import SIMD_WIDTH, emit_broadcast, emit_fma, emit_load, emit_prefetch, emit_store, shuffle_mask

__all__ = ["HALF", "computed_channels", "multiply_columns"]

HALF = SIMD_WIDTH // 2
HEIGHTS = 8, 4, 1  # rows of a tile; what is left of the rows is cut into lower ones
UNROLLED = 2  # steps of the sum, for which one line is prefetched
WORD = ir.IntType(64)


def computed_channels(channels: int) -> int:
    """Return how many channels of a result to compute: rounded up to what takes less time than a whole vector."""
    least = HALF if SIMD_WIDTH == 16 else SIMD_WIDTH
    return -(-channels // least) * least


def emit_addresses(builder, start, distance, rows, vectors):
    """Emit the addresses of a tile: for every row, `distance` numbers apart, those of its vectors."""
    found = []
    for _ in range(rows):
        found.append([builder.gep(start, [WORD(k * SIMD_WIDTH)]) for k in range(vectors)])
        start = builder.gep(start, [distance])
    return found


def emit_products(builder, tile, left, a_row, right):
    """Emit the products of a column of numbers and a row of vectors, added to the variables of a tile."""
    widths = [variable.type.pointee.count for variable in tile[0]]
    vectors = [emit_load(builder, builder.gep(right, [WORD(k * SIMD_WIDTH)]), width) for k, width in enumerate(widths)]
    for sums in tile:
        number = builder.load(left)
        for vector, variable in zip(vectors, sums):
            factor = emit_broadcast(builder, number, vector.type.count)
            builder.store(emit_fma(builder, factor, vector, builder.load(variable)), variable)
        left = builder.gep(left, [a_row])


def emit_result(builder, tile, targets, keep):
    """Emit writing a tile, zeros behind half a vector, or adding it to what is there if `keep`."""
    flat = [pair for sums, addresses in zip(tile, targets) for pair in zip(sums, addresses)]
    vectors = [(builder.load(variable), address) for variable, address in flat]
    vectors = [(emit_whole(builder, vector), address) for vector, address in vectors]
    with builder.if_else(keep) as (add_up, replace):
        with add_up:
            for vector, address in vectors:
                emit_store(builder, builder.fadd(vector, emit_load(builder, address)), address)
        with replace:
            for vector, address in vectors:
                emit_store(builder, vector, address)


def emit_whole(builder, vector):
    """Emit a whole vector: behind half of one are zeros."""
    if vector.type.count == SIMD_WIDTH:
        return vector
    return builder.shuffle_vector(vector, ir.Constant(vector.type, None), shuffle_mask(range(SIMD_WIDTH)))


def emit_sums(builder, tile, left, right, depth, strides, ahead):
    """Emit the sums of products of a tile; prefetch what the variable `ahead` points to, and move it by the step."""
    a_row, a_stride, b_row, step = strides
    whole = builder.sub(depth, builder.srem(depth, WORD(UNROLLED)))
    for begin, end, count in ((WORD(0), whole, UNROLLED), (whole, depth, 1)):
        with cgutils.for_range_slice(builder, begin, end, WORD(count), WORD) as (k, _):
            if count > 1:
                address = builder.load(ahead)
                emit_prefetch(builder, address)
                builder.store(builder.gep(address, [step]), ahead)
            column = builder.gep(left, [builder.mul(k, a_stride)])
            row = builder.gep(right, [builder.mul(k, b_row)])
            for _ in range(count):
                emit_products(builder, tile, column, a_row, row)
                column, row = builder.gep(column, [a_stride]), builder.gep(row, [b_row])


@intrinsic
def multiply_columns(typing_context, a, a_row, a_stride, b, b_row, rows, depth, out, out_row, first, keep, ahead, step):
    """Write `out[i, j] = first[j] + sum_k a[i, k] b[k, j]`, i below `rows`; add it to `out` if `keep`.

    `first` is a tuple of one vector, or of two of which the second counts half; behind that `out` gets zeros, or keeps
    what is there. `a[i, k]` is at `i a_row + k a_stride`; rows of `b` and `out` are `b_row` and `out_row` apart. Return
    the address behind `ahead` up to which memory was prefetched, `step` numbers at a time.
    """

    def build(context, builder, signature, args):
        a, a_row, a_stride, b, b_row, rows, depth, out, out_row, first, keep, ahead, step = args
        first = cgutils.unpack_tuple(builder, first)
        if len(first) == 2:
            first[1] = builder.shuffle_vector(first[1], first[1], shuffle_mask(range(HALF)))
        begin, variable = WORD(0), cgutils.alloca_once_value(builder, ahead)
        for height in HEIGHTS:
            end = builder.sub(rows, builder.srem(rows, WORD(height)))
            with cgutils.for_range_slice(builder, begin, end, WORD(height), WORD) as (i, _):
                tile = [[cgutils.alloca_once_value(builder, vector) for vector in first] for _ in range(height)]
                left, target = (builder.gep(base, [builder.mul(i, row)]) for base, row in ((a, a_row), (out, out_row)))
                targets = emit_addresses(builder, target, out_row, 2 * height, len(first))
                for address in (address for addresses in targets[height:] for address in addresses):
                    emit_prefetch(builder, address, to_write=True)  # a store would wait for it
                emit_sums(builder, tile, left, b, depth, (a_row, a_stride, b_row, step), variable)
                emit_result(builder, tile, targets[:height], keep)
            begin = end
        return builder.load(variable)

    word = types.int64
    return a(a, word, word, b, word, word, word, out, word, first, types.boolean, ahead, word), build
