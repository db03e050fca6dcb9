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

__all__ = ["Crew", "crew", "increment", "step_aside"]


@intrinsic
def increment(typing_context, counter, amount):
    """Add `amount` to the int64 at the address `counter` as one indivisible step; return what stood there before."""

    def build(context, builder, signature, args):
        place = builder.inttoptr(args[0], ir.IntType(64).as_pointer())
        return builder.atomic_rmw("add", place, args[1], "seq_cst")

    return types.int64(types.int64, types.int64), build


@intrinsic
def step_aside(typing_context):
    """Let another thread have the processor, where the system has a call for that."""

    def build(context, builder, signature, args):
        if os.name == "posix":
            kind = ir.FunctionType(ir.IntType(32), [])
            found = builder.module.globals.get("sched_yield")
            builder.call(found or ir.Function(builder.module, kind, "sched_yield"), [])
        return context.get_dummy_value()

    return types.void(), build


class Crew:
    """The calling thread and daemon threads that help it, as many as numba's `get_num_threads` says."""

    def __init__(self):
        self._orders: list[queue.SimpleQueue] = []
        self._running = threading.Lock()

    def run(self, work, *arguments) -> None:
        """Call `work(*arguments, thread)`, which releases the interpreter, in every thread; return from thread 0's.

        `work` must share its tasks out itself, and return in thread 0 only when all are done.
        """
        with self._running:
            helpers = get_num_threads() - 1
            while len(self._orders) < helpers:
                self._orders.append(queue.SimpleQueue())
                name = f"kernels-{len(self._orders)}"
                threading.Thread(target=obey, args=(self._orders[-1],), name=name, daemon=True).start()
            for k, orders in enumerate(self._orders[:helpers]):
                orders.put((work, (*arguments, k + 1)))
            work(*arguments, 0)


def obey(orders: queue.SimpleQueue) -> None:
    """Carry out orders, one after the other, for ever."""
    while True:
        work, arguments = orders.get()
        work(*arguments)


crew = Crew()


def start_anew() -> None:
    """Forget the threads, which a forked process does not have."""
    crew.__init__()  # type: ignore[misc]


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=start_anew)
