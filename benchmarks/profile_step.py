"""Profiles a step: processor seconds by kernel, seconds by Paddle operator, and how many operators are called.

    python benchmarks/profile_step.py --work search|retrain|predict|nas-bench-201

The kernels are timed where they run in a step, in one thread, and those that multiply show their rate beside that of a
thread whose numbers are all in registers. Without numba there are none. The time of a step is of all threads; let one
run to compare: NUMBA_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time

import paddle
from ours import add_arguments, make_work
from paddle import profiler


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
        from timed_programs import kernel_table, peak

        table, fastest = kernel_table(work.step), peak()
        print(f"{sum(seconds for seconds, _ in table.values()):9.3f} s  all kernels")
        for name, (seconds, operations) in table.items():
            rate = f"   {operations / seconds / 1e9:.0f} of {fastest / 1e9:.0f} GFLOP/s" if operations else ""
            print(f"{seconds:9.4f} s  {name}{rate}")
    operators = operator_calls(work.step)
    print(f"\n{sum(calls for calls, _ in operators.values())} operators of Paddle in a step, the slowest of them:")
    for name, (calls, seconds) in sorted(operators.items(), key=lambda item: -item[1][1])[:12]:
        print(f"{seconds:9.3f} s {calls:6}  {name}")
    if args.work in ("search", "nas-bench-201"):
        forward = operator_calls(lambda: paddle.no_grad()(work.model)(work.image))
        print(f"\n{sum(calls for calls, _ in forward.values())} operators of Paddle in a forward pass")


if __name__ == "__main__":
    main()
