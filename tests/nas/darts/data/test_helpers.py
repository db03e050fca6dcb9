"""Readers with threads and processes of their own are named."""

import multiprocessing
import queue
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from paddleslim.nas.darts.data.readers import BatchLoader

from .test_one_thread import KINDS, own_draws


def by_pool():
    with ThreadPoolExecutor(2) as pool:
        for image, label in own_draws():
            yield np.stack(list(pool.map(np.negative, image))), label


def by_thread():
    batches = queue.Queue()
    threading.Thread(target=lambda: [batches.put(batch) for batch in own_draws()]).start()
    for _ in range(4):
        yield batches.get()


def by_process():
    receiving, sending = multiprocessing.get_context("fork").Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=lambda: sending.send(list(own_draws())))
    process.start()
    yield from receiving.recv()
    process.join()


def by_shared_pool():
    return (SHARED.submit(lambda batch: batch, batch).result() for batch in own_draws())


SHARED = ThreadPoolExecutor(1)
HELPED = {
    "thread pool": (by_pool, False),
    "thread": (by_thread, False),
    "process": (by_process, False),
    "thread in a worker": (by_thread, True),
    "pool that is there before": (by_shared_pool, False),
}


@pytest.mark.parametrize("kind", HELPED)
def test_a_reader_with_threads_or_processes_of_its_own_gets_one_warning(kind, lines):
    SHARED.submit(lambda: None).result()
    batches = BatchLoader("train_reader", *HELPED[kind])
    for _ in range(2):
        assert len(list(batches)) == 4
    told = [line for line in lines if "uses threads or processes of its own" in line]
    assert len(told) == 1
    assert "train_reader" in told[0]
    assert "from a generator of each sample's own" in told[0]


@pytest.mark.parametrize("kind", ["worker", "DataLoader with workers", "DataLoader with workers inside a function"])
def test_workers_whose_random_numbers_are_seeded_get_no_warning(kind, lines):
    assert len(list(BatchLoader("train_reader", *KINDS[kind]()))) == 4
    assert not [line for line in lines if "of its own" in line]
