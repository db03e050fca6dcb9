"""A reader that gives no batch is named, while the run waits for it."""

from __future__ import annotations

import contextlib
import threading
import time

from .log import logger

__all__ = ["SILENCE", "watched_readers"]

SILENCE = 60.0  # seconds


@contextlib.contextmanager
def watched_readers(loaders, what):
    """Inside, log a warning for each batch that one of the readers has not given `SILENCE` seconds after it was asked.

    The thread that logs it runs while the one that asks waits, in Python or in Paddle.

    Args:
        loaders: `BatchLoader` objects.
        what: the name of the run.
    """
    ended = threading.Event()
    thread = threading.Thread(target=watch, args=(loaders, what, ended), name="silence", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def watch(loaders, what, ended):
    named = set()
    while not ended.wait(min(1.0, SILENCE / 4)):
        for loader in loaders:
            asked = loader.asked
            if asked is None or (loader, asked) in named or time.monotonic() - asked < SILENCE:
                continue
            named.add((loader, asked))
            logger.warning(
                "%s has not given batch %d for %.0f seconds; the %s waits for it. Ctrl-C or SIGTERM saves the run and "
                "ends it",
                loader.name,
                loader.taken,
                time.monotonic() - asked,
                what,
            )
