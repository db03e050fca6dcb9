"""A reader in a process of its own, one batch ahead."""

from __future__ import annotations

import ctypes
import multiprocessing
import pathlib
import random
import signal
import sys
import traceback
from typing import NamedTuple

import numpy as np
import paddle

from .endless import EndlessReaderError, never_ends
from .one_thread import in_one_thread

__all__ = [
    "DyingWithParent",
    "InWorker",
    "SentTensor",
    "Shippable",
    "WorkerError",
    "change_parts",
    "describe_dead_worker",
    "from_sent",
    "remove_shared_memory",
    "to_sendable",
    "worker_pids",
]


PR_SET_PDEATHSIG = 1  # of prctl(2)


class WorkerError(RuntimeError):
    """The process of a reader failed or was killed."""


class InWorker:
    """The batches of an iterable, read by a new process each time it is iterated over.

    The process begins with the random states of the caller, so that it yields what the caller would have read. It
    sends batches through a pipe: nothing stays behind, in memory or as a process, whichever side dies.

    Args:
        source: the iterable.
        must_end: whether an iterator that is known to have no end is refused by an `EndlessReaderError`.
    """

    def __init__(self, source, must_end=False):
        self.source, self.must_end = source, must_end

    def __iter__(self):
        return WorkerIterator(self.source, self.must_end)


class WorkerIterator:
    """Iterate over what one worker process sends; `close` ends it."""

    def __init__(self, source, must_end):
        fork = multiprocessing.get_context("fork")
        self.connection, theirs = fork.Pipe(duplex=False)
        # a forked process has the generators of Paddle and numpy as they are here, but Python seeds its own anew
        self.process = fork.Process(target=serve, args=(source, must_end, theirs, random.getstate()), daemon=True)
        self.process.start()
        theirs.close()  # so that the end of the process is the end of the pipe

    def __iter__(self):
        return self

    def __next__(self):
        try:
            kind, content = self.connection.recv()
        except (EOFError, OSError):
            self.process.join()
            raise WorkerError(describe_end(self.process)) from None
        if kind == "batch":
            return from_sent(content)
        self.close()
        if kind == "endless":
            raise EndlessReaderError
        if kind == "error":
            raise WorkerError(content)
        raise StopIteration

    def close(self):
        """End the process, wherever it is."""
        self.connection.close()
        self.process.kill()
        self.process.join()


def serve(source, must_end, connection, state):
    """Send all of `source` through `connection`: pairs of what it is and the batch; runs in the worker.

    `state` is that of Python's random numbers to begin with.
    """
    die_with_parent()
    random.setstate(state)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the search, which ends its workers
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        # a device cannot be used after a fork, nor can the state of Paddle that belongs to another thread
        with paddle.base.dygraph.guard(place=paddle.CPUPlace()), in_one_thread():
            iterator = iter(source)
            if must_end and never_ends(iterator):
                connection.send(("endless", None))
                return
            for batch in iterator:
                connection.send(("batch", to_sendable(batch)))
        connection.send(("end", None))
    except BrokenPipeError:  # nobody reads any more
        pass
    except Exception as error:
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__)).strip()
        connection.send(("error", f"{type(error).__name__}: {error}, in its worker process:\n{text}"))


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


class SentTensor(NamedTuple):
    """A tensor on its way: its values, those of bfloat16 as float32, and the name of its dtype."""

    values: np.ndarray
    dtype: str


def to_sendable(batch):
    """Return `batch` with each tensor in it, nested or not, as a `SentTensor`."""
    if isinstance(batch, paddle.Tensor):
        dtype = str(batch.dtype).rpartition(".")[2]
        return SentTensor((batch.astype("float32") if dtype == "bfloat16" else batch).numpy(), dtype)
    return change_parts(batch, to_sendable)


def from_sent(batch):
    """Return what was given to `to_sendable`."""
    if isinstance(batch, SentTensor):
        return paddle.to_tensor(batch.values, dtype=batch.dtype, place=paddle.CPUPlace())
    return change_parts(batch, from_sent)


def change_parts(batch, change):
    """Return a tuple, list or dictionary with `change` of each part; anything else as it is."""
    if type(batch) in (tuple, list):
        return type(batch)(change(part) for part in batch)
    return {key: change(part) for key, part in batch.items()} if type(batch) is dict else batch


class Shippable:
    """A `collate_fn` of a `DataLoader` whose batches Paddle can send from a worker process.

    Paddle's shared memory takes arrays of the byte order of the machine, and no texts; these go as lists.

    Args:
        then: the one that makes the batch.
    """

    def __init__(self, then):
        self.then = then

    def __call__(self, samples):
        return ship(self.then(samples))


def ship(batch):
    """Return `batch` with its arrays in the byte order of the machine and those of texts as lists."""
    if not isinstance(batch, np.ndarray):
        return change_parts(batch, ship)
    if batch.dtype.kind in "US":
        return batch.tolist()
    return batch if batch.dtype.byteorder in "=|" else batch.astype(batch.dtype.newbyteorder("="))


def describe_end(process):
    code = process.exitcode
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
    return f"its worker process {process.pid} {how}"


def describe_dead_worker(iterator):
    """Return a sentence about a worker of an iteration over a `DataLoader` that was killed; None if none was."""
    dead = [worker for worker in getattr(iterator, "_workers", []) if worker.exitcode]
    return describe_end(dead[0]) if dead else None


def worker_pids(iterator):
    """Return the process numbers of the workers of an iteration over a `DataLoader`."""
    return [worker.pid for worker in getattr(iterator, "_workers", [])]


def remove_shared_memory(pids):
    """Remove what these worker processes of Paddle, which have ended, left in shared memory."""
    for pid in pids:
        for path in pathlib.Path("/dev/shm").glob(f"paddle_{pid}_*"):
            path.unlink(missing_ok=True)
