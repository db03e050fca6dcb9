"""Where independent trainings and searches are computed: processes of this machine, or a Dask cluster."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor

from ....extras import require

__all__ = ["connect_executor", "make_executor"]

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


@contextlib.contextmanager
def connect_executor(scheduler, timeout=30):
    """Connect to a Dask cluster; inside, its `concurrent.futures.Executor` is yielded.

    What a worker was computing when it died is given to another one, up to three times. A worker should have one
    thread, `dask worker ADDRESS --nthreads 1`, since random numbers of Paddle belong to a process.

    Args:
        scheduler: address of the scheduler, such as 'tcp://10.0.0.1:8786'.
        timeout: seconds to wait for it, and then for its first worker.

    Raises:
        ImportError: `distributed` is not installed; the message says how to install it.
        OSError: no scheduler answers, or it has no worker.
        ValueError: a worker has several threads.
    """
    require("distributed", extra="cluster", user="A Dask cluster")
    import distributed

    try:
        client = distributed.Client(scheduler, timeout=timeout)
    except (OSError, ValueError) as error:
        raise OSError(f"no Dask scheduler answers at {scheduler}; start one with `dask scheduler`") from error
    with client:
        try:
            client.wait_for_workers(1, timeout)
        except (TimeoutError, asyncio.TimeoutError) as error:
            raise OSError(
                f"the Dask cluster {scheduler} has no worker; start one with `dask worker {scheduler} --nthreads 1`"
            ) from error
        several = [address for address, threads in client.nthreads().items() if threads > 1]
        if several:
            raise ValueError(
                f"the Dask worker {several[0]} has several threads; start workers with `--nthreads 1`, more of them "
                "for more cores"
            )
        try:
            yield client.get_executor(pure=False)
        except distributed.scheduler.KilledWorker as error:
            raise RuntimeError(
                "too many workers of the cluster died, perhaps for lack of memory; start again to resume"
            ) from error
