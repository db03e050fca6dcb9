"""Times the instructions of the kernels' programs where they run, by the processor's counter of cycles, in one thread.

What lies in the cache is what lies there in a step, and the sum is the time of the programs. An instruction that the
system interrupts takes longer, so several runs are made and the shortest time of each instruction counts.
"""

from __future__ import annotations

import collections
import time

import numpy as np
from llvmlite import ir
from numba import cfunc, njit, types
from numba.extending import intrinsic

from paddleslim.kernels import executor
from paddleslim.kernels.executor import CompiledProgram, execute
from paddleslim.kernels.program import OPERANDS
from paddleslim.kernels.simd import SIMD_WIDTH, add, broadcast, fma, load, offset, store

__all__ = ["kernel_table", "peak"]


@intrinsic
def counter(typing_context):
    """Return the processor's counter of cycles, which may run at another rate than the processor."""

    def build(context, builder, signature, args):
        kind, name = ir.FunctionType(ir.IntType(64), []), "llvm.readcyclecounter"
        return builder.call(builder.module.globals.get(name) or ir.Function(builder.module, kind, name), [])

    return types.int64(), build


@njit(nogil=True)
def run_timed(phases, table, frames, images, cycles):
    """Run a program as `executor.run` does, in one thread; add each instruction's cycles to `cycles` `[rows]`."""
    for phase in range(len(phases)):
        begin, end, by_images = phases[phase]
        for task in range(images if by_images else 1):
            for row in range(begin, end):
                start = counter()
                execute(table, row, frames[0], 0, task)
                cycles[row] += counter() - start


def floating_point_operations(kernel, integers):
    """Return how many an instruction makes for an image, zeros in padded channels included; 0 for other kernels."""
    if kernel == "gemm":
        rows, depth, columns = integers[4:7]
        return 2 * rows * depth * columns
    if kernel == "depthwise":
        _, channel_stride, height, width, size = integers[:5]
        return 2 * height * width * channel_stride * size**2
    if kernel == "depthwise_weight_gradient":
        channel_stride, height, width, size = integers[:4]
        return 2 * height * width * channel_stride * size**2
    if kernel in ("convolve", "weight_gradient"):
        _, depth, channel_stride, height, width, size = integers[:6]
        return 2 * height * width * channel_stride * depth * size**2
    return 0


def kernel_table(step, runs=4):
    """Return {kernel: (seconds, floating point operations)} of what a step runs; products by their direction."""
    calls, histories, rates = [], [], []

    def timed(pool, work, phases, table, frames, progress, images):
        cycles, start = np.zeros(len(table), np.int64), time.perf_counter()
        run_timed(phases, table, frames, images, cycles)
        rates.append((cycles.sum(), time.perf_counter() - start))
        histories[-1].append(cycles)

    def recorded(program, addresses):
        calls.append(program)
        call(program, addresses)

    call, run = CompiledProgram.__call__, type(executor.pool).run
    CompiledProgram.__call__, type(executor.pool).run = recorded, timed
    try:
        for _ in range(runs):
            calls.clear()
            histories.append([])
            step()
    finally:
        CompiledProgram.__call__, type(executor.pool).run = call, run
    rate = np.median([cycles / seconds for cycles, seconds in rates if seconds > 1e-3])
    seconds, operations = collections.Counter(), collections.Counter()
    for number, program in enumerate(calls):
        cycles = np.min([history[number] for history in histories[1:]], axis=0)  # the first run compiles
        by_images = {row: bool(kind) for begin, end, kind in program._phases for row in range(begin, end)}
        backward = "reduce_images" in program._names
        for row in np.flatnonzero(program._kernels >= 0):
            kernel, integers = program._names[program._kernels[row]], program._table[row, 1 + 3 * OPERANDS :].tolist()
            name = kernel
            if kernel == "gemm":
                name += ", of the weights" if integers[0] == 1 else ", to the input" if backward else ", forward"
            seconds[name] += cycles[row] / rate
            images = program.images if by_images[row] else 1
            operations[name] += images * floating_point_operations(kernel, integers)
    return {name: (seconds[name], operations[name]) for name, _ in seconds.most_common()}


@cfunc(types.void(types.CPointer(types.float32), types.int64))
def multiply_in_registers(x, times):
    a = load(x)
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = broadcast(x[0])
    for _ in range(times):
        s0, s1, s2, s3 = fma(a, s0, a), fma(a, s1, a), fma(a, s2, a), fma(a, s3, a)
        s4, s5, s6, s7 = fma(a, s4, a), fma(a, s5, a), fma(a, s6, a), fma(a, s7, a)
    store(offset(x, SIMD_WIDTH), add(add(add(s0, s1), add(s2, s3)), add(add(s4, s5), add(s6, s7))))


def peak():
    """Return the floating point operations a second that one thread makes on what is in its registers."""
    x, times, found = np.zeros(2 * SIMD_WIDTH, np.float32), 10_000_000, []
    for _ in range(5):
        start = time.process_time()
        multiply_in_registers.ctypes(x.ctypes.data_as(multiply_in_registers.ctypes.argtypes[0]), times)
        found.append(time.process_time() - start)
    return 16 * SIMD_WIDTH * times / min(found)
