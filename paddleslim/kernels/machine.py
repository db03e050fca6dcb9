"""Running programs: tables of instructions over the images of a batch, in one compiled function.

A phase by images runs all its instructions for one image after the other, images in parallel; a phase by
instructions runs each instruction once, instructions in parallel. So what passes between the instructions of an
image stays in the cache, and there is one call from Python, in each thread, for a whole cell. Kernels are called by
address: each is compiled once, when a program first needs it, and kept on disk. numba compiles it anew when its file
has changed, but knows nothing of the modules that all kernels use: who edits lanes.py, calls.py, program.py or a
function that several kernels share must delete the folder `__pycache__` here.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from llvmlite import ir
from numba import cfunc, config, njit, types
from numba.extending import intrinsic

from .calls import ARENAS, EPSILON, IMAGE, IMAGES, INSTRUCTION, MOMENTUM, THREAD, THREAD_STRIDES
from .crew import crew, increment, step_aside
from .program import ROW, Program

__all__ = ["Runnable"]

# Paddle's batch norm takes both in single precision, for tensors of any type
EPSILON_OF_PADDLE, MOMENTUM_OF_PADDLE = float(np.float32(1e-5)), float(np.float32(0.9))

LINE = 16  # numbers from call to call: two threads never write to one line of the cache
PATIENCE = 2000  # looks at a counter before a thread gives way to others


@cache
def address_of(kernel, dtype):
    """Return the address of a kernel compiled for `dtype`, from the cache on disk if it was there."""
    call = types.CPointer(types.float32 if dtype == "float32" else types.float64)
    return cfunc(types.void(call), cache=True)(kernel).address


@intrinsic
def invoke(typing_context, address, call):
    """Call the kernel at `address` with the call at the address `call`."""

    def build(context, builder, signature, args):
        kind = ir.FunctionType(ir.VoidType(), [ir.IntType(64)]).as_pointer()
        builder.call(builder.inttoptr(args[0], kind), [args[1]])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), build


@njit
def execute(table, row, call, thread, image):
    """Run one instruction, unless it is but a term of another."""
    if table[row, 0]:
        call[INSTRUCTION] = table.ctypes.data + 8 * ROW * row
        call[THREAD] = thread
        call[IMAGE] = image
        invoke(table[row, 0], call.ctypes.data)


@njit(nogil=True, cache=True)
def run(phases, table, calls, progress, images, thread):
    """Take part in running the phases `[phases, 3]` of the table `[rows, ROW]`.

    Each thread has a row of `calls`; `progress` `[phases, 2]` counts the tasks of each phase that are taken and done.
    """
    for phase in range(len(phases)):
        begin, end, by_images = phases[phase]
        tasks = images if by_images else end - begin
        taken, done = progress[phase, :1].ctypes.data, progress[phase, 1:].ctypes.data
        task = increment(taken, 1)
        while task < tasks:
            if by_images:
                for row in range(begin, end):
                    execute(table, row, calls[thread], thread, task)
            else:
                execute(table, begin + task, calls[thread], thread, 0)
            increment(done, 1)
            task = increment(taken, 1)
        waited = 0
        while increment(done, 0) < tasks:
            waited += 1
            if waited > PATIENCE:
                step_aside()


class Runnable:
    """A program with its kernels compiled, to be run again and again on tensors of one shape and type.

    Args:
        program: what to run.
        dtype: 'float32' or 'float64', of all its arenas.
    """

    def __init__(self, program: Program, dtype: str):
        self.images, self.threads = program.images, config.NUMBA_NUM_THREADS
        self._phases, self._table = program.tables()
        addresses = np.array([*(address_of(kernel, dtype) for kernel in program.kernels), 0], np.int64)
        self._table[:, 0] = addresses[self._table[:, 0]]  # a term, -1, gets the 0
        self._thread_strides = program.thread_strides()
        self._constants = np.array([EPSILON_OF_PADDLE, MOMENTUM_OF_PADDLE]).view(np.int64)
        own = self._thread_strides[program.tensors :] > 0
        self.room_sizes = [n * self.threads if each else n for n, each in zip(program.rooms, own)]

    def __call__(self, addresses: list[int]) -> None:
        """Run on arenas at these addresses, tensors first, then rooms of at least `room_sizes` numbers."""
        arenas = np.array(addresses, np.int64)
        calls = np.zeros((self.threads, LINE), np.int64)
        progress = np.zeros((len(self._phases), 2), np.int64)
        calls[:, ARENAS], calls[:, THREAD_STRIDES] = arenas.ctypes.data, self._thread_strides.ctypes.data
        calls[:, IMAGES] = self.images
        calls[:, EPSILON : MOMENTUM + 1] = self._constants
        crew.run(run, self._phases, self._table, calls, progress, self.images)
