"""Worker processes: how they end with the search, and what is known of those that have ended."""

from __future__ import annotations

import ctypes
import pathlib
import signal
import sys
import traceback

__all__ = [
    "DyingWithParent",
    "WorkerError",
    "describe_dead_worker",
    "describe_end",
    "describe_failure",
    "die_with_parent",
    "remove_shared_memory",
    "worker_pids",
]

PR_SET_PDEATHSIG = 1  # of prctl(2)


class WorkerError(RuntimeError):
    """The process of a reader failed or was killed."""


def describe_failure(error):
    """Return what a worker process says of an exception that ended it."""
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__)).strip()
    return f"{type(error).__name__}: {error}, in its worker process:\n{text}"


def die_with_parent():
    """Let the system kill this process as soon as the thread that started it has ended; on Linux alone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))


class DyingWithParent:
    """A `worker_init_fn` of a `DataLoader` whose workers do not outlive a search that is killed.

    Args:
        then: the one to call afterwards, or None.
    """

    def __init__(self, then=None):
        self.then = then

    def __call__(self, worker_id):
        die_with_parent()
        if self.then is not None:
            self.then(worker_id)


def describe_end(process):
    code = process.exitcode
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    return f"its worker process {process.pid} {how}"


def describe_dead_worker(iterator):
    """Return a sentence about a worker of an iteration over a `DataLoader` that was killed; None if none was."""
    dead = [worker for worker in getattr(iterator, "workers", []) if worker.exitcode]
    return describe_end(dead[0]) if dead else None


def worker_pids(iterator):
    """Return the process numbers of the workers of an iteration over a `DataLoader`."""
    return [worker.pid for worker in getattr(iterator, "workers", [])]


def remove_shared_memory(pids):
    """Remove what these worker processes of Paddle, which have ended, left in shared memory."""
    for pid in pids:
        for path in pathlib.Path("/dev/shm").glob(f"paddle_{pid}_*"):
            path.unlink(missing_ok=True)
