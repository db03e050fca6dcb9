"""A worker that is killed in the middle of a run."""

import contextlib
import json
import os
import signal
import threading
import time


def wait_for(condition, seconds=120):
    """Wait until the condition holds, at most so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)


@contextlib.contextmanager
def killed_in_the_middle(folder, result):
    """Inside, the process that computes in the folder is killed as soon as a checkpoint is there.

    Yields:
        A list; on leaving, it holds whether the file `result` was there when the process was killed.
    """
    killed: list[bool] = []

    def kill():
        wait_for(lambda: any(folder.glob("checkpoints/*")))
        process = json.loads((folder / ".run.lock").read_text())["process"]
        os.kill(process, signal.SIGKILL)
        killed.append((folder / result).exists())

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        thread.join()
