"""Windows that slide over a row of pixels: each pixel is loaded once for all windows that it is in.

Eight windows lie side by side, `stride` pixels apart, and take `size` pixels, `dilation` apart. For each of `FORMS`,
the common ones of these three, a row is emitted without a loop: all but its pixels stays in registers.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from .simd import emit_fma, emit_load, emit_store, inlined, vector_of

__all__ = ["WINDOWS", "correlate", "form_of", "slide", "spread"]

WINDOWS = 8
FORMS = (3, 1, 1), (5, 1, 1), (7, 1, 1), (3, 1, 2), (5, 1, 2), (3, 2, 1), (5, 2, 1)  # size, stride, dilation
WORD = ir.IntType(64)


@inlined
def form_of(size, stride, dilation):
    """Return the index of a form, -1 if it is not there."""
    for k in range(len(FORMS)):
        if FORMS[k] == (size, stride, dilation):
            return k
    return -1


def emit_forms(builder, form, forms=FORMS):
    """Yield every one of some forms, and what is emitted for it runs if `form` is its index."""
    end = builder.append_basic_block("end")
    switch = builder.switch(form, end)
    for k, (size, stride, dilation) in enumerate(forms):
        block = builder.append_basic_block(f"form{k}")
        switch.add_case(k, block)
        builder.position_at_end(block)
        yield size, stride, dilation
        builder.branch(end)
    builder.position_at_end(end)


def pixels_of(size, stride, dilation, count=WINDOWS):
    """Return for every pixel of a row the windows j of so many that it is in, each with its place k there."""
    found: list[list[tuple[int, int]]] = [[] for _ in range(stride * (count - 1) + dilation * (size - 1) + 1)]
    for j in range(count):
        for k in range(size):
            found[stride * j + dilation * k].append((j, k))
    return found


def emit_vectors(builder, address, stride, count):
    """Emit so many vectors of memory, `stride` numbers apart."""
    found = []
    for _ in range(count):
        found.append(emit_load(builder, address))
        address = builder.gep(address, [stride])
    return found


def emit_row(builder, pixels, stride, form, vectors, sums, by_window):
    """Emit `sums[j] += pixel * vectors[k]` for each pixel, its windows j and its place k there; or j and k exchanged.

    `sums` are addresses of variables.
    """
    found = [builder.load(variable) for variable in sums]
    for windows in pixels_of(*form):
        pixel = emit_load(builder, pixels) if windows else None
        for pair in windows:
            into, of = pair if by_window else pair[::-1]
            found[into] = emit_fma(builder, pixel, vectors[of], found[into])
        pixels = builder.gep(pixels, [stride])
    for variable, value in zip(sums, found):
        builder.store(value, variable)


@intrinsic
def slide(typing_context, form, rows, pixels, pixel_stride, below, taps, tap_stride, first):
    """Return eight sums j, `first + sum_(i, k) pixels[i below + stride j + dilation k] * taps[i, k]`, i below rows."""

    def build(context, builder, signature, args):
        form, rows, pixels, pixel_stride, below, taps, tap_stride, first = args
        sums = [cgutils.alloca_once_value(builder, first) for _ in range(WINDOWS)]
        for size, stride, dilation in emit_forms(builder, form):
            with cgutils.for_range(builder, rows) as row:  # `rows` is `size`, but a loop is smaller
                line = builder.gep(pixels, [builder.mul(row.index, below)])
                own = builder.gep(taps, [builder.mul(builder.mul(row.index, tap_stride), WORD(size))])
                weights = emit_vectors(builder, own, tap_stride, size)
                emit_row(builder, line, pixel_stride, (size, stride, dilation), weights, sums, by_window=True)
        return context.make_tuple(builder, signature.return_type, [builder.load(variable) for variable in sums])

    word = types.int64
    return types.UniTuple(first, WINDOWS)(word, word, pixels, word, word, taps, word, first), build


@intrinsic
def correlate(typing_context, form, rows, pixels, pixel_stride, below, gradient, count, out, channel_stride):
    """Add `sum_j gradient[j] * pixels[i below + stride j + dilation k]` to `out[i, k]`, i below `rows`.

    There are `count` gradients, a multiple of eight; they and the sums are `channel_stride` numbers apart.
    """

    def build(context, builder, signature, args):
        form, rows, pixels, pixel_stride, below, gradient, count, out, channel_stride = args
        zero = ir.Constant(vector_of(out.type.pointee), None)
        for size, stride, dilation in emit_forms(builder, form):
            sums = [cgutils.alloca_once(builder, zero.type) for _ in range(size)]
            with cgutils.for_range(builder, rows) as row:
                line = builder.gep(pixels, [builder.mul(row.index, below)])
                for variable in sums:
                    builder.store(zero, variable)
                with cgutils.for_range_slice(builder, WORD(0), count, WORD(WINDOWS), WORD) as (j, _):
                    eight = builder.gep(gradient, [builder.mul(j, channel_stride)])
                    factors = emit_vectors(builder, eight, channel_stride, WINDOWS)
                    first = builder.gep(line, [builder.mul(builder.mul(j, pixel_stride), WORD(stride))])
                    emit_row(builder, first, pixel_stride, (size, stride, dilation), factors, sums, by_window=False)
                target = builder.gep(out, [builder.mul(builder.mul(row.index, channel_stride), WORD(size))])
                for variable in sums:
                    emit_store(builder, builder.fadd(emit_load(builder, target), builder.load(variable)), target)
                    target = builder.gep(target, [channel_stride])
        return context.get_dummy_value()

    word = types.int64
    return types.void(word, word, pixels, word, word, gradient, word, out, word), build


@intrinsic
def spread(typing_context, form, rows, pixels, pixel_stride, below, gradient, channel_stride, taps):
    """Add `gradient[j] * taps[i, k]` to `pixels[i below + stride j + dilation k]`, i below `rows`, for eight windows j.

    Gradients and taps are `channel_stride` numbers apart.
    """

    def build(context, builder, signature, args):
        form, rows, pixels, pixel_stride, below, gradient, channel_stride, taps = args
        factors = emit_vectors(builder, gradient, channel_stride, WINDOWS)
        for size, stride, dilation in emit_forms(builder, form):
            with cgutils.for_range(builder, rows) as row:
                pixel = builder.gep(pixels, [builder.mul(row.index, below)])
                own = builder.gep(taps, [builder.mul(builder.mul(row.index, channel_stride), WORD(size))])
                weights = emit_vectors(builder, own, channel_stride, size)
                for windows in pixels_of(size, stride, dilation):
                    if windows:
                        total = emit_load(builder, pixel)
                        for j, k in windows:
                            total = emit_fma(builder, factors[j], weights[k], total)
                        emit_store(builder, total, pixel)
                    pixel = builder.gep(pixel, [pixel_stride])
        return context.get_dummy_value()

    word = types.int64
    return types.void(word, word, pixels, word, word, gradient, word, taps), build
