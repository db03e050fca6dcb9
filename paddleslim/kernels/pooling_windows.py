"""Windows of poolings: of four side by side, each pixel of a row is loaded once.

They take three pixels and lie one or two pixels apart, as those of `FORMS`; they do not reach beyond the row's ends.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from .simd import SimdVector, emit_fma, emit_load, emit_store, inlined, vector_of
from .windows import emit_forms, pixels_of

__all__ = ["POOLED", "largest_of", "pooling_form", "return_to_largest", "share_among", "total_of"]

POOLED = 4
FORMS = (3, 1, 1), (3, 2, 1)  # size, stride, dilation
WORD = ir.IntType(64)


@inlined
def pooling_form(size, stride):
    """Return the index of a form, -1 if it is not there."""
    return stride - 1 if size == 3 and 1 <= stride <= 2 else -1


def emit_pixels(builder, rows, below, pixel_stride, size, stride):
    """Yield every pixel of so many rows: how far it is from the first, and the windows that it is in."""
    with cgutils.for_range(builder, rows) as row:
        distance = builder.mul(row.index, below)
        for windows in pixels_of(size, stride, 1, POOLED):
            yield distance, [j for j, _ in windows]
            distance = builder.add(distance, pixel_stride)


def emit_vectors(builder, start, distance):
    """Emit a vector for each window, so far apart."""
    return [emit_load(builder, builder.gep(start, [builder.mul(distance, WORD(j))])) for j in range(POOLED)]


def reduction(first, combine):
    """Return an intrinsic's code that combines the pixels of every window, one after the other."""

    def build(context, builder, signature, args):
        form, rows, pixels, pixel_stride, below = args
        found = [cgutils.alloca_once(builder, vector_of(pixels.type.pointee)) for _ in range(POOLED)]
        for size, stride, _ in emit_forms(builder, form, FORMS):
            across = builder.mul(pixel_stride, WORD(stride))
            for vector, variable in zip(emit_vectors(builder, pixels, across), found):
                builder.store(first(vector), variable)
            for distance, windows in emit_pixels(builder, rows, below, pixel_stride, size, stride):
                pixel = emit_load(builder, builder.gep(pixels, [distance]))
                for j in windows:
                    builder.store(combine(builder, builder.load(found[j]), pixel), found[j])
        return context.make_tuple(builder, signature.return_type, [builder.load(variable) for variable in found])

    return build


def emit_maximum(builder, a, b):
    """Emit the larger of a and b; a where they cannot be compared."""
    return builder.select(builder.fcmp_ordered("<", a, b), b, a)


@intrinsic
def largest_of(typing_context, form, rows, pixels, pixel_stride, below):
    """Return the largest number of each window; `rows` are `below` numbers apart, `pixels` the first of them."""
    word, four = types.int64, types.UniTuple(SimdVector(pixels.dtype), POOLED)
    return four(word, word, pixels, word, word), reduction(lambda vector: vector, emit_maximum)


@intrinsic
def total_of(typing_context, form, rows, pixels, pixel_stride, below):
    """Return the sum of each window's numbers; `rows` are `below` numbers apart, `pixels` the first of them."""
    word, four = types.int64, types.UniTuple(SimdVector(pixels.dtype), POOLED)
    build = reduction(lambda vector: ir.Constant(vector.type, None), lambda builder, a, b: builder.fadd(a, b))
    return four(word, word, pixels, word, word), build


@intrinsic
def return_to_largest(typing_context, form, rows, pixels, pixel_stride, below, largest, gradient, target):
    """Add each window's gradient to `target` at the first of its pixels that equals the largest of them.

    Largest numbers and gradients of the windows are `pixel_stride` numbers apart; targets lie as the pixels do.
    """

    def build(context, builder, signature, args):
        form, rows, pixels, pixel_stride, below, largest, gradient, target = args
        best = emit_vectors(builder, largest, pixel_stride)
        rest = [cgutils.alloca_once_value(builder, g) for g in emit_vectors(builder, gradient, pixel_stride)]
        nothing = ir.Constant(best[0].type, None)
        for size, stride, _ in emit_forms(builder, form, FORMS):
            for distance, windows in emit_pixels(builder, rows, below, pixel_stride, size, stride):
                pixel, place = emit_load(builder, builder.gep(pixels, [distance])), builder.gep(target, [distance])
                total = emit_load(builder, place)
                for j in windows:
                    equal, left = builder.fcmp_ordered("==", pixel, best[j]), builder.load(rest[j])
                    total = builder.fadd(total, builder.select(equal, left, nothing))
                    builder.store(builder.select(equal, nothing, left), rest[j])
                emit_store(builder, total, place)
        return context.get_dummy_value()

    word = types.int64
    return types.void(word, word, pixels, word, word, largest, gradient, target), build


@intrinsic
def share_among(typing_context, form, rows, target, pixel_stride, below, gradient, weight):
    """Add `weight` times each window's gradient to each of its pixels; gradients are `pixel_stride` numbers apart."""

    def build(context, builder, signature, args):
        form, rows, target, pixel_stride, below, gradient, weight = args
        parts = emit_vectors(builder, gradient, pixel_stride)
        for size, stride, _ in emit_forms(builder, form, FORMS):
            for distance, windows in emit_pixels(builder, rows, below, pixel_stride, size, stride):
                place = builder.gep(target, [distance])
                total = emit_load(builder, place)
                for j in windows:
                    total = emit_fma(builder, parts[j], weight, total)
                emit_store(builder, total, place)
        return context.get_dummy_value()

    word = types.int64
    return types.void(word, word, target, word, word, gradient, weight), build
