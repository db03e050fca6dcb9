"""Signals that end a process, as an exception, so that it can end those it has started."""

from __future__ import annotations

import contextlib
import signal
import threading

__all__ = ["ended_by_signals"]


@contextlib.contextmanager
def ended_by_signals():
    """Inside, SIGTERM and SIGHUP end this process by an exception, so that it can end those it has started."""

    def leave(signum, frame):
        raise SystemExit(128 + signum)

    signals = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        signals = []
    before = {signum: signal.getsignal(signum) for signum in signals}
    for signum, handler in before.items():
        if handler is not signal.SIG_IGN:  # as under `nohup`
            signal.signal(signum, leave)
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, signal.SIG_DFL if handler is None else handler)
