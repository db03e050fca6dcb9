"""Profiles a step: processor seconds by kernel, seconds by Paddle operator, and how many operators are called.

    python benchmarks/profile_step.py --work search|retrain|predict|nas-bench-201

The kernels of every program are timed one kind at a time, on the program's own memory, before the program itself
runs; so their sum leaves out only what passes between kernels through the cache. Without numba there are none. For
undisturbed numbers let one thread run: NUMBA_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import collections
import importlib.util
import tempfile
import time

import paddle
from ours import add_arguments, make_work
from paddle import profiler


def kernel_seconds(work):
    """Return {kernel: seconds} of one step, all threads at work."""
    from paddleslim.kernels import (
        batch_norm,
        dense_conv2d,
        depthwise,
        elementwise,
        executor,
        gemm,
        layout,
        pooling,
        sums,
    )

    seconds: collections.Counter = collections.Counter()
    modules = (batch_norm, dense_conv2d, depthwise, elementwise, gemm, layout, pooling, sums)
    kernels = [getattr(module, name) for module in modules for name in module.__all__]
    names = {executor.address_of(kernel, "float32"): kernel.__name__ for kernel in kernels if callable(kernel)}
    run_program = executor.CompiledProgram.__call__

    def timed(program, addresses):
        table = program._table
        for address, name in names.items():
            if not (table[:, 0] == address).any():
                continue
            program._table = table.copy()
            program._table[table[:, 0] != address, 0] = 0
            start = time.process_time()
            run_program(program, addresses)
            seconds[name] += time.process_time() - start
        program._table = table
        start = time.process_time()
        run_program(program, addresses)
        seconds["all together"] += time.process_time() - start

    executor.CompiledProgram.__call__ = timed
    try:
        work.step()
    finally:
        executor.CompiledProgram.__call__ = run_program
    return seconds


def operator_calls(function):
    """Return {operator: (calls, seconds)} of Paddle's operators that a function calls."""
    nowhere = tempfile.TemporaryDirectory()  # where Paddle wants to write its trace
    save = profiler.export_chrome_tracing(nowhere.name)
    watcher = profiler.Profiler(targets=[profiler.ProfilerTarget.CPU], on_trace_ready=save)
    watcher.start()
    function()
    watcher.stop()
    nowhere.cleanup()
    found: dict[str, tuple[int, float]] = {}
    waiting = list(watcher.profiler_result.get_data().values())
    while waiting:
        node = waiting.pop()
        # a call from Python, or a node of the backward pass; what these call in turn is part of them
        if node.name.endswith(" dygraph") or node.name.startswith("Global_"):
            calls, seconds = found.get(node.name, (0, 0.0))
            found[node.name] = calls + 1, seconds + (node.end_ns - node.start_ns) / 1e9
        else:
            waiting += node.children_node
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    args = parser.parse_args()
    work = make_work(args)
    for _ in range(3):
        work.step()
    start = time.process_time()
    work.step()
    print(f"a step: {time.process_time() - start:.3f} processor seconds\n")
    if importlib.util.find_spec("numba"):
        for name, seconds in kernel_seconds(work).most_common():
            print(f"{seconds:9.3f} s  {name}")
    operators = operator_calls(work.step)
    print(f"\n{sum(calls for calls, _ in operators.values())} operators of Paddle in a step, the slowest of them:")
    for name, (calls, seconds) in sorted(operators.items(), key=lambda item: -item[1][1])[:12]:
        print(f"{seconds:9.3f} s {calls:6}  {name}")
    if args.work in ("search", "nas-bench-201"):
        forward = operator_calls(lambda: paddle.no_grad()(work.model)(work.image))
        print(f"\n{sum(calls for calls, _ in forward.values())} operators of Paddle in a forward pass")


if __name__ == "__main__":
    main()
