"""Where independent trainings are computed: processes of this machine, one thread each."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

__all__ = ["make_executor"]

ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}


def make_executor(workers=None):
    """Return a `concurrent.futures.Executor` of processes that compute in one thread each.

    The processes inherit the setting from the environment of this one, so it is kept to one thread from now on
    in whatever it loads later.

    Args:
        workers: how many processes; as many as this machine has cores if None.
    """
    os.environ.update(ONE_THREAD)
    # a process that is forked would inherit the threads' state of Paddle without the threads
    return ProcessPoolExecutor(workers or os.cpu_count(), multiprocessing.get_context("spawn"))
