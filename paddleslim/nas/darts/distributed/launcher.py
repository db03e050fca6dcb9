"""Whether the launcher of a rank still lives; a rank that outlives it would wait for others, and keep its folder."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

from ..state.run_lock import is_alive

__all__ = ["STARTED_BY", "watch_launcher"]

STARTED_BY = "PADDLESLIM_STARTED_BY"  # in the environment: the process that started Paddle's launcher
PERIOD = 1.0  # seconds between two looks
GRACE = 60.0  # seconds that a rank has to save and to end
watched: list = []


def watch_launcher():
    """End this process soon after its launcher; once is enough.

    It gets a SIGTERM, upon which a search saves and ends; where this takes longer than `GRACE`, since it waits for a
    rank that is gone, it is killed.
    """
    launcher = os.getppid()
    if watched or launcher <= 1:
        return
    watched.append(launcher)
    threading.Thread(
        target=watch, args=(launcher, os.environ.get(STARTED_BY)), name="launcher watch", daemon=True
    ).start()


def watch(launcher, started_by):
    while os.getppid() == launcher and (started_by is None or is_alive(int(started_by))):
        time.sleep(PERIOD)
    print("the launcher of this rank has ended; the rank saves and ends too", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os.kill(os.getpid(), signal.SIGKILL)
