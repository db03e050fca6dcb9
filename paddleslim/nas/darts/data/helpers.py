"""Threads and processes that a reader uses itself, which draw random numbers in an order that nobody can repeat.

Nothing can be done about it from outside but to notice it.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import functools
import multiprocessing.pool
import multiprocessing.process
import threading

__all__ = ["READING", "note_helpers", "notice_helpers", "took_helpers", "with_helpers_of_ours"]

# What is called where Python code lets another thread or process do something.
CALLED = (
    (threading.Thread, "start"),
    (multiprocessing.process.BaseProcess, "start"),
    (multiprocessing.pool.Pool, "_check_running"),
    (concurrent.futures.ThreadPoolExecutor, "submit"),
    (concurrent.futures.ProcessPoolExecutor, "submit"),
)


class Reading(threading.local):
    """Whether this thread asks a reader for a batch, see `in_one_thread`, and what it found meanwhile."""

    active = False
    helped = False  # whether a reader has used threads or processes of its own


READING = Reading()


@functools.cache
def notice_helpers():
    """Let the functions of `CALLED` notice where a reader calls them; once."""
    for owner, name in CALLED:
        if hasattr(owner, name):
            setattr(owner, name, noticing(getattr(owner, name)))


def noticing(original):
    @functools.wraps(original)
    def call(*args, **kwargs):
        if READING.active:
            note_helpers()
        return original(*args, **kwargs)

    return call


def note_helpers():
    """Note that the reader which this thread asks has threads or processes of its own."""
    READING.helped = True


def took_helpers():
    """Return whether a reader which this thread asked has used threads or processes of its own, once."""
    helped, READING.helped = READING.helped, False
    return helped


@contextlib.contextmanager
def with_helpers_of_ours():
    """Inside, threads and processes are not a reader's own: their random numbers are seeded."""
    before, READING.active = READING.active, False
    try:
        yield
    finally:
        READING.active = before
