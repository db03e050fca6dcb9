"""SIGINT and SIGTERM end a search after its present step, not in the middle of it."""

from __future__ import annotations

import contextlib
import os
import signal
import threading

__all__ = ["SearchInterrupted", "caught_signals"]


class SearchInterrupted(SystemExit):
    """A signal ended the search after a step, and all of it is saved. The exit code is 128 + the signal's number."""

    def __init__(self, signum):
        super().__init__(128 + signum)
        self.signum = signum

    def __str__(self):
        return f"stopped by {signal.Signals(self.signum).name} after a step, and saved"


@contextlib.contextmanager
def caught_signals(note):
    """Inside, the first SIGINT or SIGTERM is put down in a list, which is yielded; a second one acts as before.

    Only the main thread may catch signals; in another one the list stays empty.

    Args:
        note: called with a sentence when a signal comes.
    """
    caught: list[int] = []
    before: dict = {}
    owner = os.getpid()

    def put_down(signum, frame):
        if os.getpid() != owner:  # a reader's worker, which inherited this function
            if signum == signal.SIGTERM:
                signal.signal(signum, signal.SIG_DFL)
                os.kill(os.getpid(), signum)
            return  # a Ctrl-C on the terminal reaches the workers too; the search will end them
        caught.append(signum)
        for number, handler in before.items():
            signal.signal(number, handler)
        note(f"{signal.Signals(signum).name}: finishing this step, then saving; once more stops at once")

    if threading.current_thread() is threading.main_thread():
        for signum in (signal.SIGINT, signal.SIGTERM):
            before[signum] = signal.signal(signum, put_down)
    try:
        yield caught
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
