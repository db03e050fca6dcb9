"""Where independent trainings and searches are computed: processes of this machine, or a Dask cluster."""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
import time
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, as_completed, wait

from ....common.log_helper import package_logger
from ....extras import require
from .termination import ended_by_signals

__all__ = ["choose_executor", "compute_all", "connect_executor", "make_executor"]

logger = package_logger("paddleslim.signals")

PATIENCE = 3.0  # seconds that workers have to end by themselves after a Ctrl-C
STOP = signal.SIGUSR1  # to a worker; SIGTERM would end one that waits, and the pool then kills those that save
COMPUTING: list[object] = []  # in a worker: the function that it computes
INTERRUPTED: list[str] = []  # in a worker: why it computes nothing more
STOPPED = "a worker was stopped by a signal; start again to resume"
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
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers or os.cpu_count(), context, initializer=begin_worker)


def begin_worker():
    """Let a worker end what it computes by a Ctrl-C or `STOP`, and itself soon after the process that started it."""
    for signum in (signal.SIGINT, STOP):
        signal.signal(signum, stop_worker)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=follow, args=(parent.sentinel,), name="follow parent", daemon=True).start()


def stop_worker(signum, frame):
    """End what this worker computes, a search or a training after it has saved itself; one that waits stays."""
    if not COMPUTING:
        INTERRUPTED.append(STOPPED)
    elif signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:  # nothing is there that could be saved
        raise SystemExit(128 + signum)
    elif not is_ending():
        os.kill(os.getpid(), signal.SIGTERM)


def is_ending():
    """Return whether a signal ends the present run after its step: the owner of the handler lists those it caught."""
    return bool(getattr(getattr(signal.getsignal(signal.SIGTERM), "__self__", None), "caught", None))


def follow(sentinel, patience=60):
    """Wait for the end of the parent, then terminate this process; a search or a training saves itself first."""
    multiprocessing.connection.wait([sentinel])
    while True:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(patience)  # the signal ends the present search; the pool may have begun the next one


def compute_all(executor, function, arguments):
    """Compute `function(*arguments[key])` for every key on the workers; yield (key, result) as each is complete.

    Where an error, a Ctrl-C or another signal that raises ends it, what is running on this machine is stopped; a search
    or a training saves itself.

    Args:
        executor: a `concurrent.futures.Executor`.
        function: one that can be pickled.
        arguments: `{key: tuple}`; they are begun in this order.

    Raises:
        RuntimeError: a worker died, or was stopped by a signal.
    """
    patience = 0.0
    futures = {executor.submit(compute, function, *values): key for key, values in arguments.items()}
    try:
        for future in as_completed(futures):
            yield futures[future], future.result()
    except BrokenExecutor as error:
        raise RuntimeError("a worker died, perhaps for lack of memory; start again to resume") from error
    except (KeyboardInterrupt, SystemExit) as stop:
        patience = PATIENCE if isinstance(stop, KeyboardInterrupt) else 0.0
        logger.warning("stopping; what is computed on this machine is saved first")
        raise
    finally:
        running = [future for future in futures if not future.cancel() and not future.done()]
        # workers that a Ctrl-C has reached too are about to save, and a second signal would cut that short
        if wait(running, patience).not_done:
            for process in list((getattr(executor, "_processes", None) or {}).values()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, STOP)


def compute(function, *arguments):
    """Call the function in the process of a worker; after a signal that interrupts it, nothing more."""
    if INTERRUPTED:  # the pool would go on to what it has fetched already
        raise RuntimeError(INTERRUPTED[0])
    try:
        COMPUTING.append(function)
        return function(*arguments)
    except SystemExit as stop:
        parent = multiprocessing.parent_process()
        if parent is None:
            raise
        if not parent.is_alive():
            os._exit(stop.code if isinstance(stop.code, int) else 1)
        # the process itself stays: were it gone, the pool would kill the others before they have saved
        INTERRUPTED.append(STOPPED)
        raise RuntimeError(STOPPED) from stop
    finally:
        COMPUTING.clear()


def choose_executor(workers=None, scheduler=None):
    """Return a context in which an executor is yielded: of a Dask cluster, or of processes on this machine.

    Inside, SIGTERM and SIGHUP end the program by an exception, so that workers stop and save what they compute.

    Args:
        workers: as of `make_executor`.
        scheduler: as of `connect_executor`; None for this machine.

    Raises:
        ValueError: both are given.
    """
    if scheduler and workers:
        raise ValueError("workers are processes on this machine; leave them out where a scheduler is given")
    return until_signal(connect_executor(scheduler) if scheduler else make_executor(workers))


@contextlib.contextmanager
def until_signal(executor):
    """Yield the executor of a context; inside, a signal raises what lets `compute_all` stop the workers."""
    with ended_by_signals(), executor as entered:
        yield entered


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
    import asyncio

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
