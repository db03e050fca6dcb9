"""A reader in a process of its own, one batch ahead."""

from __future__ import annotations

import multiprocessing
import random
import signal

import paddle

from .endless import EndlessReaderError, never_ends
from .helpers import note_helpers, took_helpers, with_helpers_of_ours
from .one_thread import in_one_thread
from .processes import WorkerError, describe_end, describe_failure, die_with_parent
from .sendable import dump_batch, load_batch

__all__ = ["InWorker", "WorkerError"]


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
        with with_helpers_of_ours():
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
            pickled, helped = content
            if helped:
                note_helpers()
            return load_batch(pickled)
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
    """Send all of `source` through `connection`, as pairs of what it is and its content; runs in the worker.

    The content of a batch is the batch, and whether threads or processes of the reader's own are known to have helped.
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
                connection.send(("batch", (dump_batch(batch), took_helpers())))
        connection.send(("end", None))
    except BrokenPipeError:  # nobody reads any more
        pass
    except Exception as error:
        connection.send(("error", describe_failure(error)))
