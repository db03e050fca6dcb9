"""SIGINT, SIGTERM and SIGHUP end a run after its present step, or soon where it waits in vain for a batch."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import threading
import time

__all__ = ["SearchInterrupted", "WaitInterrupted", "Waiting", "caught_signals"]

PATIENCE = 3.0  # seconds that a batch may take to come after a signal
SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class SearchInterrupted(SystemExit):
    """A signal ended the search after a step, and all of it is saved. The exit code is 128 + the signal's number."""

    def __init__(self, signum):
        super().__init__(128 + signum)
        self.signum = signum

    def __str__(self):
        return f"stopped by {signal.Signals(self.signum).name} after a step, and saved"


class WaitInterrupted(SearchInterrupted):
    """A signal ended the wait for a batch; the run is not saved yet."""


class Waiting:
    """Whether the run waits for a batch: `with waiting:`; then nothing changes that a checkpoint holds."""

    def __init__(self):
        self.is_on, self.count = False, 0

    def __enter__(self):
        self.count += 1
        self.is_on = True

    def __exit__(self, *_):
        self.is_on = False


class Interruption:
    """What is done about signals.

    The handler of a signal runs in the main thread, between two instructions of Python. So a thread looks, a while
    after a signal, whether the run still waits for the batch it waited for then; if so it sends the signal once more,
    upon which the handler raises; and where the main thread does not even come to that, since it waits inside Paddle,
    this thread saves the run and ends the process.
    """

    def __init__(self, note, waiting, rescue):
        self.note, self.waiting, self.rescue = note, waiting, rescue
        self.caught: list[int] = []
        self.before: dict = {}
        self.owner, self.expired = os.getpid(), False

    def handle(self, signum, frame):
        if os.getpid() != self.owner:  # a reader's worker, which inherited this function
            if signum != signal.SIGINT:
                signal.signal(signum, signal.SIG_DFL)
                os.kill(os.getpid(), signum)
            return  # a Ctrl-C on the terminal reaches the workers too; the search will end them
        if self.expired:
            if self.waiting.is_on:
                raise WaitInterrupted(signum)
        elif self.caught:
            signal.signal(signum, self.before[signum])
            os.kill(os.getpid(), signum)
        else:
            self.caught.append(signum)
            self.note(f"{signal.Signals(signum).name}: finishing this step, then saving; once more stops at once")

    def watch(self, wakeups):
        """Wait for a signal's number in the socket, and see to it that the run ends."""
        signum = 0
        while signum not in self.before:  # others come too, such as that a worker has ended
            numbers = wakeups.recv(1)
            if not numbers:
                return
            signum = numbers[0]
        if not self.stays_waiting(PATIENCE):
            return
        self.expired = True
        os.kill(self.owner, signum)
        if self.stays_waiting(1.0):
            self.rescue(signum)

    def stays_waiting(self, seconds):
        """Return whether the run waits for the same batch, all this time."""
        count, deadline = self.waiting.count, time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.waiting.is_on or self.waiting.count != count:
                return False
            time.sleep(0.05)
        return True


def forget_wakeup():
    """Let a forked process, which may get signals of its own, not notify this one of them."""
    if threading.current_thread() is threading.main_thread():
        signal.set_wakeup_fd(-1)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_wakeup)


@contextlib.contextmanager
def caught_signals(note, waiting=None, rescue=lambda signum: None):
    """Inside, the first signal is put down in a list, which is yielded; a second one acts as before.

    SIGINT, SIGTERM and, unless it is ignored as under `nohup`, SIGHUP. Only the main thread may catch signals; in
    another one the list stays empty.

    Args:
        note: called with a sentence when a signal comes.
        waiting: a `Waiting`; if the run waits in it for `PATIENCE` seconds after the signal, `WaitInterrupted` is
            raised there.
        rescue: called with the signal's number, in another thread, where even that is not possible.
    """
    interruption = Interruption(note, waiting or Waiting(), rescue)
    if threading.current_thread() is not threading.main_thread():
        yield interruption.caught
        return
    reading, writing = socket.socketpair()
    writing.setblocking(False)
    for signum in SIGNALS:
        before = signal.getsignal(signum)
        if signum in (signal.SIGINT, signal.SIGTERM) or before is not signal.SIG_IGN:
            interruption.before[signum] = signal.SIG_DFL if before is None else before
    wakeup = signal.set_wakeup_fd(writing.fileno(), warn_on_full_buffer=False)
    for signum in interruption.before:
        signal.signal(signum, interruption.handle)
    watcher = threading.Thread(target=interruption.watch, args=(reading,), name="signals", daemon=True)
    watcher.start()
    try:
        yield interruption.caught
    finally:
        for signum, handler in interruption.before.items():
            signal.signal(signum, handler)
        signal.set_wakeup_fd(wakeup)
        writing.close()  # upon which the thread ends
        watcher.join(PATIENCE + 2)
        reading.close()
