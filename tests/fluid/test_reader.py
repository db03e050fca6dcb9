import threading
import time

import numpy as np
import pytest


def numbers(count):
    return lambda: ((np.full(2, i, "float32"),) for i in range(count))


def test_an_error_in_the_reader_reaches_the_loop(fluid):
    def broken():
        yield [np.zeros(1)]
        raise OSError("disk full")

    loader = fluid.io.DataLoader.from_generator(capacity=2)
    loader.set_batch_generator(broken)
    with pytest.raises(OSError, match="disk full"):
        list(loader())


def test_leaving_the_loop_ends_the_reading_thread(fluid):
    before = threading.active_count()
    loader = fluid.io.DataLoader.from_generator(capacity=1).set_batch_generator(numbers(10**6))
    for _ in loader():
        break
    deadline = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() == before


def test_a_loader_says_what_it_lacks(fluid):
    with pytest.raises(ValueError, match="capacity"):
        fluid.io.DataLoader.from_generator()
    with pytest.raises(ValueError, match="set_batch_generator"):
        list(fluid.io.DataLoader.from_generator(capacity=1))


def test_the_older_names_of_the_setters_work(fluid):
    reader = fluid.io.PyReader(capacity=2)
    reader.decorate_sample_list_generator(fluid.io.batch(numbers(4), 2))
    assert [batch[0].shape for batch in reader()] == [[2, 2], [2, 2]]


def test_each_rank_reads_its_own_batches(fluid, monkeypatch):
    monkeypatch.setenv("PADDLE_TRAINERS_NUM", "2")
    parts = []
    for rank in "01":
        monkeypatch.setenv("PADDLE_TRAINER_ID", rank)
        parts.append(list(fluid.contrib.reader.distributed_batch_reader(lambda: iter(range(5)))()))
    assert parts == [[0, 2], [1, 3]]


def test_shuffle_keeps_all(fluid):
    assert sorted(fluid.io.shuffle(lambda: iter(range(9)), 4)()) == list(range(9))
