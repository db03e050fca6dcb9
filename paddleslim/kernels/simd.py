"""Vectors for numba: `SIMD_WIDTH` neighbouring numbers of memory, worked on by one machine instruction.

A pointer is typed by what it points to, float32 or float64, and moves by whole numbers with `offset`. Vectors come from
`load` or `broadcast` and go by `store`; between them stand `add`, `mul`, `fma`, `maximum`, `where_equal` and
`where_positive`. The compiler keeps them in registers, so a loop over them runs at the processor's vector speed
without depending on what its own vectoriser finds out.
"""

from __future__ import annotations

import llvmlite.binding
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

__all__ = [
    "SIMD_WIDTH", "add", "broadcast", "convert", "fma", "inlined", "load", "load_scalar", "maximum", "mul", "offset",
    "padded_channels", "prefetch", "scatter", "store", "store_scalar", "where_equal", "where_positive",
]  # fmt: skip

# a decorator of functions that kernels alone call: without what Python would need to call them they compile faster
inlined = njit(no_cpython_wrapper=True, no_cfunc_wrapper=True)

# one register of AVX-512, two of AVX or four of NEON: what a loop needs to keep the arithmetic units busy
SIMD_WIDTH = 16 if llvmlite.binding.get_host_cpu_features().get("avx512f") else 8


def padded_channels(channels: int) -> int:
    """Return the channels of a pixel in memory: rounded up to whole vectors."""
    return -(-channels // SIMD_WIDTH) * SIMD_WIDTH


class SimdVector(types.Type):
    """The numba type of a vector of `SIMD_WIDTH` numbers of type `dtype`."""

    def __init__(self, dtype):
        self.dtype = dtype
        super().__init__(f"SimdVector({dtype})")


@register_model(SimdVector)
class SimdVectorModel(models.PrimitiveModel):
    """A vector is held in LLVM's own vector type."""

    def __init__(self, manager, vector_type):
        super().__init__(manager, vector_type, vector_of(manager.lookup(vector_type.dtype).get_value_type()))


def vector_of(scalar, width=SIMD_WIDTH):
    """Return LLVM's vector type of `width` numbers of type `scalar`."""
    return ir.VectorType(scalar, width)


def as_vector_pointer(builder, address, width=SIMD_WIDTH):
    """Return `address`, a pointer to numbers, as a pointer to a vector of them."""
    return builder.bitcast(address, vector_of(address.type.pointee, width).as_pointer())


def alignment(scalar):
    """Return the size in bytes of LLVM's float or double; vectors need no stronger alignment than one number."""
    return 4 if scalar == ir.FloatType() else 8


def emit_load(builder, address, width=SIMD_WIDTH):
    """Emit the vector at an address."""
    return builder.load(as_vector_pointer(builder, address, width), align=alignment(address.type.pointee))


def emit_store(builder, vector, address):
    """Emit writing a vector to an address."""
    builder.store(vector, as_vector_pointer(builder, address), align=alignment(address.type.pointee))


def emit_fma(builder, a, b, c):
    """Emit a * b + c, rounded once where the processor can."""
    suffix = f"v{a.type.count}f{8 * alignment(a.type.element)}"
    kind = ir.FunctionType(a.type, [a.type] * 3)
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, f"llvm.fmuladd.{suffix}"), (a, b, c))


def emit_broadcast(builder, value, width=SIMD_WIDTH):
    """Emit a vector whose numbers are all `value`."""
    undefined, index = ir.Constant(vector_of(value.type, width), ir.Undefined), ir.IntType(32)
    every = ir.Constant(ir.VectorType(index, width), [0] * width)
    return builder.shuffle_vector(builder.insert_element(undefined, value, index(0)), undefined, every)


def emit_prefetch(builder, address, to_write=False):
    """Emit the wish that the line at an address be in the nearest cache to be written, or in the second to be read."""
    byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
    function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
    nearness, of_data = number(3 if to_write else 2), number(1)
    builder.call(function, [builder.bitcast(address, byte), number(int(to_write)), nearness, of_data])


@intrinsic
def prefetch(typing_context, start):
    """Wish that the line at `start` be in the second cache."""

    def build(context, builder, signature, args):
        emit_prefetch(builder, args[0])
        return context.get_dummy_value()

    return types.void(start), build


@intrinsic
def offset(typing_context, start, count):
    """Return the pointer `count` numbers after `start`."""

    def build(context, builder, signature, args):
        return builder.gep(args[0], [args[1]])

    return start(start, types.int64), build


@intrinsic
def load_scalar(typing_context, start):
    """Return the one number at `start`."""

    def build(context, builder, signature, args):
        return builder.load(args[0])

    return start.dtype(start), build


@intrinsic
def store_scalar(typing_context, start, value):
    """Write the one number `value` to `start`."""

    def build(context, builder, signature, args):
        builder.store(args[1], args[0])
        return context.get_dummy_value()

    return types.void(start, start.dtype), build


@intrinsic
def convert(typing_context, value, zero):
    """Return `value` in `zero`'s type."""

    def build(context, builder, signature, args):
        return context.cast(builder, args[0], signature.args[0], signature.return_type)

    return zero(value, zero), build


@intrinsic
def load(typing_context, start):
    """Return the vector at `start`."""

    def build(context, builder, signature, args):
        return emit_load(builder, args[0])

    return SimdVector(start.dtype)(start), build


@intrinsic
def store(typing_context, start, vector):
    """Write `vector` to `start`."""

    def build(context, builder, signature, args):
        emit_store(builder, args[1], args[0])
        return context.get_dummy_value()

    return types.void(start, vector), build


@intrinsic
def scatter(typing_context, vector, target, target_stride, keep):
    """Write the numbers of a vector so far apart, added to what is there if `keep`."""

    def build(context, builder, signature, args):
        vector, target, stride, keep = args
        kept = builder.icmp_signed("!=", keep, keep.type(0))
        for k in range(SIMD_WIDTH):
            address = builder.gep(target, [builder.mul(stride, ir.IntType(64)(k))])
            value = builder.extract_element(vector, ir.IntType(32)(k))
            # a sum that is not wanted is not read either: the memory may hold anything
            with builder.if_else(kept) as (add_up, replace):
                with add_up:
                    builder.store(builder.fadd(builder.load(address), value), address)
                with replace:
                    builder.store(value, address)
        return context.get_dummy_value()

    return types.void(vector, target, types.int64, types.int64), build


def shuffle_mask(numbers):
    """Return which numbers of two vectors, one behind the other, make a new one."""
    found = list(numbers)
    return ir.Constant(ir.VectorType(ir.IntType(32), len(found)), found)


@intrinsic
def broadcast(typing_context, value):
    """Return a vector whose numbers are all `value`."""

    def build(context, builder, signature, args):
        return emit_broadcast(builder, args[0])

    return SimdVector(value)(value), build


@intrinsic
def add(typing_context, a, b):
    """Return a + b."""

    def build(context, builder, signature, args):
        return builder.fadd(*args)

    return a(a, a), build


@intrinsic
def mul(typing_context, a, b):
    """Return a * b."""

    def build(context, builder, signature, args):
        return builder.fmul(*args)

    return a(a, a), build


@intrinsic
def fma(typing_context, a, b, c):
    """Return a * b + c, rounded once where the processor can."""

    def build(context, builder, signature, args):
        return emit_fma(builder, *args)

    return a(a, a, a), build


@intrinsic
def maximum(typing_context, a, b):
    """Return the larger of a and b, number by number; a where they cannot be compared."""

    def build(context, builder, signature, args):
        return builder.select(builder.fcmp_ordered("<", *args), args[1], args[0])

    return a(a, a), build


@intrinsic
def where_equal(typing_context, a, b, yes, no):
    """Return, number by number, `yes` where a equals b and `no` elsewhere."""

    def build(context, builder, signature, args):
        return builder.select(builder.fcmp_ordered("==", args[0], args[1]), args[2], args[3])

    return a(a, a, a, a), build


@intrinsic
def where_positive(typing_context, a, yes):
    """Return, number by number, `yes` where a is above zero and zero elsewhere."""

    def build(context, builder, signature, args):
        nothing = ir.Constant(args[0].type, [0.0] * SIMD_WIDTH)
        return builder.select(builder.fcmp_ordered(">", args[0], nothing), args[1], nothing)

    return a(a, a), build
