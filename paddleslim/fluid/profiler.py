"""`fluid.profiler`: times of operators, by today's `paddle.profiler`."""

from __future__ import annotations

import contextlib

import paddle

from ._absent import absent

__all__ = ["cuda_profiler", "profiler", "reset_profiler", "start_profiler", "stop_profiler"]

_running: list = []


def start_profiler(state="All", tracer_option="Default"):
    """Start to take times; what is timed is for today's profiler to choose."""
    # A handler of its own, or Paddle would write a folder of traces into the working directory.
    _running.append(paddle.profiler.Profiler(on_trace_ready=lambda profiler: None))
    _running[-1].start()


def stop_profiler(sorted_key=None, profile_path="/tmp/profile"):
    """Stop, and print the times; no file is written."""
    if not _running:
        raise RuntimeError("the profiler is not running; call start_profiler first")
    finished = _running.pop()
    finished.stop()
    finished.summary()


@contextlib.contextmanager
def cuda_profiler(output_file, output_mode=None, config=None):
    """Do nothing: nsys times a whole program today, and `paddle.profiler` parts of it."""
    yield


def reset_profiler():
    """Forget the times so far."""
    if _running:
        _running.pop().stop()
        start_profiler()


@contextlib.contextmanager
def profiler(state="All", sorted_key=None, profile_path="/tmp/profile", tracer_option="Default"):
    """Take times inside the context, and print them at its end."""
    start_profiler(state, tracer_option)
    try:
        yield
    finally:
        stop_profiler(sorted_key, profile_path)


__getattr__ = absent(__name__)
