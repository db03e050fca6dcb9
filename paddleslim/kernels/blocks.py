"""Passes over an image in the order of its memory, four vectors at a time.

What is not in the caches is read ahead of its use, but only from neighbouring addresses. So a block is four vectors of
one pixel; where pixels have two or three vectors left it is of two pixels, where they have one of four. The processor
reads ahead up to the end of a page of 4 KiB alone, so passes prefetch what lies a page further.
"""

from __future__ import annotations

from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from .simd import SIMD_WIDTH, SimdVector, add, emit_fma, emit_load, emit_prefetch, emit_store, inlined, offset, store

__all__ = [
    "add_four",
    "add_terms",
    "block_of",
    "fma_four",
    "four",
    "load_four",
    "mul_four",
    "prefetch_four",
    "store_four",
    "store_totals",
]


AHEAD = 1024  # numbers, a page of float32; behind the end of an image it does no harm


@inlined
def block_of(channel_stride, c, pixels):
    """Return the first block of so many pixels, from the channel c on.

    Returns:
        places of its vectors, and of their channels, both from the first vector on; how many pixels it has; and how
        many vectors of each. Where there are fewer pixels than in a block, it has the last one several times.
    """
    one, two, three = SIMD_WIDTH, 2 * SIMD_WIDTH, 3 * SIMD_WIDTH
    vectors = (channel_stride - c) // SIMD_WIDTH
    if vectors >= 4:
        return (0, one, two, three), (0, one, two, three), 1, 4
    if vectors >= 2:
        together = max(1, min(pixels, 2))
        last = channel_stride * (together - 1)
        return (0, one, last, last + one), (0, one, 0, one), together, 2
    together = max(1, min(pixels, 4))
    places = (0, channel_stride * min(1, together - 1), channel_stride * min(2, together - 1))
    return (*places, channel_stride * (together - 1)), (0, 0, 0, 0), together, 1


@intrinsic
def four(typing_context, vector):
    """Return a vector four times."""

    def build(context, builder, signature, args):
        return context.make_tuple(builder, signature.return_type, list(args) * 4)

    return types.UniTuple(vector, 4)(vector), build


@intrinsic
def load_four(typing_context, start, places):
    """Return the vectors at four places from `start` on."""

    def build(context, builder, signature, args):
        found = emit_four(builder, *args)
        return context.make_tuple(builder, signature.return_type, found)

    return types.UniTuple(SimdVector(start.dtype), 4)(start, places), build


def emit_four(builder, start, places):
    """Emit the vectors at places from `start` on."""
    return [emit_load(builder, builder.gep(start, [place])) for place in cgutils.unpack_tuple(builder, places)]


def emit_stores(builder, start, places, vectors):
    """Emit writing vectors to places from `start` on."""
    for place, vector in zip(cgutils.unpack_tuple(builder, places), vectors):
        emit_store(builder, vector, builder.gep(start, [place]))


@intrinsic
def store_four(typing_context, start, places, vectors):
    """Write four vectors to places from `start` on."""

    def build(context, builder, signature, args):
        start, places, vectors = args
        emit_stores(builder, start, places, cgutils.unpack_tuple(builder, vectors))
        return context.get_dummy_value()

    return types.void(start, places, vectors), build


def emit_prefetches(builder, start, places):
    """Emit the wish that what is at places be in the second cache when a pass has come `AHEAD` numbers further."""
    for place in cgutils.unpack_tuple(builder, places):
        emit_prefetch(builder, builder.gep(start, [builder.add(place, place.type(AHEAD))]))


@intrinsic
def prefetch_four(typing_context, start, places):
    """Prefetch what is `AHEAD` numbers behind four places from `start` on."""

    def build(context, builder, signature, args):
        emit_prefetches(builder, *args)
        return context.get_dummy_value()

    return types.void(start, places), build


def by_vector(emit):
    """Return an intrinsic's code that emits an operation for each vector of its tuples."""

    def build(context, builder, signature, args):
        parts = zip(*(cgutils.unpack_tuple(builder, vectors) for vectors in args))
        return context.make_tuple(builder, signature.return_type, [emit(builder, *part) for part in parts])

    return build


@intrinsic
def add_four(typing_context, a, b):
    """Return a + b."""
    return a(a, a), by_vector(lambda builder, a, b: builder.fadd(a, b))


@intrinsic
def mul_four(typing_context, a, b):
    """Return a * b."""
    return a(a, a), by_vector(lambda builder, a, b: builder.fmul(a, b))


@intrinsic
def fma_four(typing_context, a, b, c):
    """Return a * b + c."""
    return a(a, a, a), by_vector(emit_fma)


@intrinsic
def add_terms(typing_context, images, scales, out, places, count, distance, line, fresh):
    """Write `sum_t images[t] * scales[t]` with `line` added if `fresh`, or with `out`; `count` blocks so far apart."""

    def build(context, builder, signature, args):
        images, scales, out, places, count, distance, line, fresh = args
        images, line = cgutils.unpack_tuple(builder, images), cgutils.unpack_tuple(builder, line)
        scales = [cgutils.unpack_tuple(builder, scale) for scale in cgutils.unpack_tuple(builder, scales)]
        with cgutils.for_range(builder, count) as block:
            behind = builder.mul(block.index, distance)
            target = builder.gep(out, [behind])
            sums = [builder.select(fresh, *pair) for pair in zip(line, emit_four(builder, target, places))]
            for image, scale in zip(images, scales):
                vectors = emit_four(builder, builder.gep(image, [behind]), places)
                emit_prefetches(builder, builder.gep(image, [behind]), places)
                sums = [emit_fma(builder, *three) for three in zip(scale, vectors, sums)]
            emit_stores(builder, target, places, sums)
        return context.get_dummy_value()

    word = types.int64
    return types.void(images, scales, out, places, word, word, line, fresh), build


@inlined
def store_totals(out, sums, vectors):
    """Write sums over blocks, of which each pixel has so many vectors, as sums over pixels."""
    s0, s1, s2, s3 = sums
    if vectors == 4:
        store_four(out, (0, SIMD_WIDTH, 2 * SIMD_WIDTH, 3 * SIMD_WIDTH), sums)
    elif vectors == 2:
        store(out, add(s0, s2))
        store(offset(out, SIMD_WIDTH), add(s1, s3))
    else:
        store(out, add(add(s0, s1), add(s2, s3)))
