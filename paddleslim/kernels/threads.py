"""Threads that share the tasks of a program: whoever is free takes the next one.

A phase is over when its tasks are done, not when every thread has come: a thread that the system keeps waiting, since
other processes want the cores too, delays nobody. Which thread runs a task does not change its result.
"""

from __future__ import annotations

import os
import queue
import threading

from llvmlite import ir
from numba import get_num_threads, types
from numba.extending import intrinsic

__all__ = ["ThreadPool", "fetch_add", "pool", "yield_processor"]


@intrinsic
def fetch_add(typing_context, counter, amount):
    """Add `amount` to the int64 at the address `counter` as one indivisible step; return what was there before."""

    def build(context, builder, signature, args):
        place = builder.inttoptr(args[0], ir.IntType(64).as_pointer())
        return builder.atomic_rmw("add", place, args[1], "seq_cst")

    return types.int64(types.int64, types.int64), build


@intrinsic
def yield_processor(typing_context):
    """Let another thread have the processor, where the system has a frame for that."""

    def build(context, builder, signature, args):
        if os.name == "posix":
            kind = ir.FunctionType(ir.IntType(32), [])
            found = builder.module.globals.get("sched_yield")
            builder.call(found or ir.Function(builder.module, kind, "sched_yield"), [])
        return context.get_dummy_value()

    return types.void(), build


class ThreadPool:
    """The calling thread and daemon threads that help it, as many as numba's `get_num_threads` says."""

    def __init__(self):
        self._queues: list[queue.SimpleQueue] = []
        self._running = threading.Lock()

    def run(self, work, *arguments) -> None:
        """Call `work(*arguments, thread)`, which releases the interpreter, in every thread; return from thread 0's.

        `work` must share its tasks out itself, and return in thread 0 only when all are done.
        """
        with self._running:
            helpers = get_num_threads() - 1
            while len(self._queues) < helpers:
                self._queues.append(queue.SimpleQueue())
                name = f"kernels-{len(self._queues)}"
                threading.Thread(target=serve, args=(self._queues[-1],), name=name, daemon=True).start()
            for k, waiting in enumerate(self._queues[:helpers]):
                waiting.put((work, (*arguments, k + 1)))
            work(*arguments, 0)


def serve(waiting: queue.SimpleQueue) -> None:
    """Run what arrives in a queue, one after the other, for ever."""
    while True:
        work, arguments = waiting.get()
        work(*arguments)


pool = ThreadPool()


def restart() -> None:
    """Forget the threads, which a forked process does not have."""
    pool.__init__()  # type: ignore[misc]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=restart)
