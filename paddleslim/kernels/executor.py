"""Running programs: tables of instructions over the images of a batch, in one compiled function.

A phase by images runs all its instructions for one image after the other, images in parallel; a phase by
instructions runs each instruction once, instructions in parallel. So what passes between the instructions of an
image stays in the cache, and there is one call from Python, in each thread, for a whole cell. Kernels are called by
address: each is compiled once, when a program first needs it, and kept on disk, see `disk_cache`.
"""

from __future__ import annotations

import copy
from functools import cache

import numpy as np
from llvmlite import ir
from numba import config, njit, types
from numba.core.ccallback import CFunc
from numba.extending import intrinsic

from .disk_cache import DiskCache
from .frame import BUFFERS, EPSILON, IMAGE, IMAGES, INSTRUCTION, MOMENTUM, THREAD, THREAD_STRIDES
from .program import ROW, Program
from .threads import fetch_add, pool, yield_processor

__all__ = ["CompiledProgram"]

# Paddle's batch norm takes both in single precision, for tensors of any type
EPSILON_OF_PADDLE, MOMENTUM_OF_PADDLE = float(np.float32(1e-5)), float(np.float32(0.9))

LINE = 16  # numbers from frame to frame: two threads never write to one line of the cache
PATIENCE = 2000  # looks at a counter before a thread gives way to others


@cache
def address_of(kernel, dtype):
    """Return the address of a kernel compiled for `dtype`, from the cache on disk if it was there."""
    frame = types.CPointer(types.float32 if dtype == "float32" else types.float64)
    compiled = CFunc(kernel, ((frame,), types.void), locals={}, options={})
    compiled._cache = DiskCache(kernel)  # type: ignore[attr-defined]  # in place of numba's own
    compiled.compile()
    return compiled.address


@intrinsic
def invoke(typing_context, address, frame):
    """Call the kernel at `address` with the frame at the address `frame`."""

    def build(context, builder, signature, args):
        kind = ir.FunctionType(ir.VoidType(), [ir.IntType(64)]).as_pointer()
        builder.call(builder.inttoptr(args[0], kind), [args[1]])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), build


@njit
def execute(table, row, frame, thread, image):
    """Run one instruction, unless it is but a term of another."""
    if table[row, 0]:
        frame[INSTRUCTION] = table.ctypes.data + 8 * ROW * row
        frame[THREAD] = thread
        frame[IMAGE] = image
        invoke(table[row, 0], frame.ctypes.data)


@njit(nogil=True)
def run(phases, table, frames, progress, images, thread):
    """Take part in running the phases `[phases, 3]` of the table `[rows, ROW]`.

    Each thread has a row of `frames`; `progress` `[phases, 2]` counts the tasks of each phase that are taken and done.
    """
    for phase in range(len(phases)):
        begin, end, by_images = phases[phase]
        tasks = images if by_images else end - begin
        taken, done = progress[phase, :1].ctypes.data, progress[phase, 1:].ctypes.data
        task = fetch_add(taken, 1)
        while task < tasks:
            if by_images:
                for row in range(begin, end):
                    execute(table, row, frames[thread], thread, task)
            else:
                execute(table, begin + task, frames[thread], thread, 0)
            fetch_add(done, 1)
            task = fetch_add(taken, 1)
        waited = 0
        while fetch_add(done, 0) < tasks:
            waited += 1
            if waited > PATIENCE:
                yield_processor()


run._cache = DiskCache(run.py_func)  # in place of numba's own


class CompiledProgram:
    """A program with its kernels compiled, to be run again and again on tensors of one shape and type.

    Args:
        program: what to run.
        dtype: 'float32' or 'float64', of all its buffers.
    """

    def __init__(self, program: Program, dtype: str):
        self.images, self.threads = program.images, config.NUMBA_NUM_THREADS
        self._names = [kernel.__name__ for kernel in program.kernels]  # type: ignore[attr-defined]
        self._phases, self._table = program.tables()
        self._kernels = self._table[:, 0].copy()  # which kernel each row calls, -1 for a term
        addresses = np.array([*(address_of(kernel, dtype) for kernel in program.kernels), 0], np.int64)
        self._table[:, 0] = addresses[self._table[:, 0]]  # a term, -1, gets the 0
        self._thread_strides = program.thread_strides()
        self._frames = np.zeros((self.threads, LINE), np.int64)
        self._frames[:, THREAD_STRIDES], self._frames[:, IMAGES] = self._thread_strides.ctypes.data, self.images
        self._frames[:, EPSILON : MOMENTUM + 1] = np.array([EPSILON_OF_PADDLE, MOMENTUM_OF_PADDLE]).view(np.int64)
        own = self._thread_strides[program.tensors :] > 0
        self.buffer_sizes = [n * self.threads if each else n for n, each in zip(program.buffers, own)]

    def without(self, name: str) -> CompiledProgram:
        """Return the same program without the instructions of the kernel of this name."""
        found = copy.copy(self)
        found._table = self._table.copy()
        if name in self._names:
            found._table[self._kernels == self._names.index(name), 0] = 0
        return found

    def restricted(self, rows: np.ndarray) -> CompiledProgram:
        """Return the same program with these rows of its table alone, an instruction's terms with it."""
        found, before = copy.copy(self), np.concatenate([[0], np.cumsum(rows)])
        found._table, found._kernels = self._table[rows], self._kernels[rows]
        phases = self._phases.copy()
        phases[:, :2] = before[phases[:, :2]]
        found._phases = phases[phases[:, 0] < phases[:, 1]]
        return found

    def __call__(self, addresses: list[int]) -> None:
        """Run on buffers at these addresses: tensors first, then those of at least `buffer_sizes` numbers."""
        buffers, frames = np.array(addresses, np.int64), self._frames.copy()
        frames[:, BUFFERS] = buffers.ctypes.data
        progress = np.zeros((len(self._phases), 2), np.int64)
        pool.run(run, self._phases, self._table, frames, progress, self.images)
