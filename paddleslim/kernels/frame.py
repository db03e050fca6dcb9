"""What a kernel is called with: one pointer, from which it takes its operands.

`executor.run` fills a frame, a few int64 numbers, and gives the kernel a pointer to it. The type the pointer claims to
point to, float32 or float64, is that of the numbers the kernel works on, so the same source serves both.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from .program import OPERANDS, ROW

__all__ = ["batch", "constants", "image_stride", "integers", "operands", "real", "term_stride", "terms", "zero_of"]

# the numbers of a frame; the two constants are float64
INSTRUCTION, BUFFERS, THREAD_STRIDES, THREAD, IMAGE, IMAGES, EPSILON, MOMENTUM = range(8)
WORD = ir.IntType(64)


def word(builder, base, index):
    """Emit the int64 at `base[index]`, `index` a Python integer or an emitted one."""
    where = WORD(index) if isinstance(index, int) else index
    return builder.load(builder.gep(base, [where]))


def words(builder, address):
    """Emit an int64, or a pointer of another type, as a pointer to int64s."""
    if isinstance(address.type, ir.PointerType):
        return builder.bitcast(address, WORD.as_pointer())
    return builder.inttoptr(address, WORD.as_pointer())


def emit_operand(builder, frame, row, number, pointer_type):
    """Emit `buffers[buffer] + offset + image * stride + thread * thread_stride`, counted in numbers, not bytes."""
    buffer, offset, stride = (word(builder, row, 1 + 3 * number + k) for k in range(3))
    thread_stride = word(builder, words(builder, word(builder, frame, THREAD_STRIDES)), buffer)
    distance = builder.add(offset, builder.mul(word(builder, frame, IMAGE), stride))
    distance = builder.add(distance, builder.mul(word(builder, frame, THREAD), thread_stride))
    base = builder.inttoptr(word(builder, words(builder, word(builder, frame, BUFFERS)), buffer), pointer_type)
    return builder.gep(base, [distance])


def emit_operands(context, builder, signature, frame, row_shift):
    """Emit the tuple of the first operands of the instruction `row_shift` rows after the frame's."""
    frame = words(builder, frame)
    row = words(builder, word(builder, frame, INSTRUCTION))
    row = builder.gep(row, [builder.mul(row_shift, WORD(ROW))])
    kind = context.get_value_type(signature.return_type.dtype)
    found = [emit_operand(builder, frame, row, k, kind) for k in range(signature.return_type.count)]
    return context.make_tuple(builder, signature.return_type, found)


@intrinsic(prefer_literal=True)
def operands(typing_context, frame, count):
    """Return pointers to the first `count` operands of the instruction."""

    def build(context, builder, signature, args):
        return emit_operands(context, builder, signature, args[0], WORD(0))

    return types.UniTuple(frame, count.literal_value)(frame, count), build


@intrinsic(prefer_literal=True)
def terms(typing_context, frame, number, count):
    """Return pointers to the first `count` operands of the term `load_scalar`, a row behind the instruction."""

    def build(context, builder, signature, args):
        return emit_operands(context, builder, signature, args[0], builder.add(args[1], WORD(1)))

    return types.UniTuple(frame, count.literal_value)(frame, types.int64, count), build


@intrinsic(prefer_literal=True)
def term_stride(typing_context, frame, number, operand):
    """Return how many numbers lie between an operand of the term `number` for one image and for the next."""

    def build(context, builder, signature, args):
        row = words(builder, word(builder, words(builder, args[0]), INSTRUCTION))
        start = builder.mul(builder.add(args[1], WORD(1)), WORD(ROW))
        return word(builder, row, builder.add(start, WORD(3 + 3 * operand.literal_value)))

    return types.int64(frame, types.int64, operand), build


@intrinsic(prefer_literal=True)
def integers(typing_context, frame, count):
    """Return the first `count` plain integers of the instruction."""

    def build(context, builder, signature, args):
        row = words(builder, word(builder, words(builder, args[0]), INSTRUCTION))
        found = [word(builder, row, 1 + 3 * OPERANDS + k) for k in range(count.literal_value)]
        return context.make_tuple(builder, signature.return_type, found)

    return types.UniTuple(types.int64, count.literal_value)(frame, count), build


@intrinsic(prefer_literal=True)
def image_stride(typing_context, frame, number):
    """Return how many numbers lie between the operand `load_scalar` of one image and of the next."""

    def build(context, builder, signature, args):
        row = words(builder, word(builder, words(builder, args[0]), INSTRUCTION))
        return word(builder, row, 3 + 3 * number.literal_value)

    return types.int64(frame, number), build


@intrinsic
def batch(typing_context, frame):
    """Return how many images the batch has."""

    def build(context, builder, signature, args):
        return word(builder, words(builder, args[0]), IMAGES)

    return types.int64(frame), build


@intrinsic
def constants(typing_context, frame):
    """Return epsilon and momentum of the batch norms."""

    def build(context, builder, signature, args):
        found = [
            builder.bitcast(word(builder, words(builder, args[0]), k), ir.DoubleType()) for k in (EPSILON, MOMENTUM)
        ]
        return context.make_tuple(builder, signature.return_type, found)

    return types.UniTuple(types.float64, 2)(frame), build


@intrinsic(prefer_literal=True)
def real(typing_context, frame, number):
    """Return a plain integer of the instruction as the float64 of the same bits."""

    def build(context, builder, signature, args):
        row = words(builder, word(builder, words(builder, args[0]), INSTRUCTION))
        return builder.bitcast(word(builder, row, 1 + 3 * OPERANDS + number.literal_value), ir.DoubleType())

    return types.float64(frame, number), build


@intrinsic
def zero_of(typing_context, frame):
    """Return a zero of the type the kernel works on."""

    def build(context, builder, signature, args):
        return context.get_constant(signature.return_type, 0)

    return frame.dtype(frame), build
