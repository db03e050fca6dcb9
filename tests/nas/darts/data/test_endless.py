"""Which iterators are known to have no end."""

import itertools
from itertools import count, cycle, repeat

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.data import endless
from paddleslim.nas.darts.data.endless import knows_instructions, never_ends, source_never_ends
from paddleslim.nas.darts.data.readers import BatchLoader

DATA = [(np.zeros([2, 3], "float32"), np.zeros([2], "int64"))] * 2


def forever():
    while True:
        for image, label in DATA:
            yield image + 1, label


def forever_from():
    while 1:
        yield from DATA


def over_count():
    yield DATA[0]
    for _ in itertools.count():
        yield DATA[1]


def over_cycle():
    for batch in cycle(DATA):
        if batch is None:
            continue
        yield batch


def from_cycle():
    yield from itertools.cycle(DATA)


def from_another():
    for image, label in forever():
        yield image + 1, label


def over_repeat():
    for batch in repeat(DATA[0]):
        try:
            yield batch
        finally:
            pass


def broken_off():
    while True:
        yield from DATA
        if DATA:
            break


def caught():
    iterator = iter(DATA)
    while True:
        try:
            yield next(iterator)
        except StopIteration:
            return


def swallowed():
    try:
        while True:
            yield DATA[0]
    except ValueError:
        pass


def counted():
    for i in itertools.count():
        if i > 3:
            return
        yield DATA[0]


def numbered():
    for _, batch in zip(itertools.count(), DATA):
        yield batch


def repeated():
    for image, label in repeat(DATA[0], 3):
        yield image + 1, label


def raising():
    yield DATA[0]
    raise OSError("broken")


def conditional():
    number = 0
    while number < 3:
        number += 1
        yield DATA[0]


ENDLESS = [forever, forever_from, over_count, over_cycle, from_cycle, from_another, over_repeat]
ENDING = [broken_off, caught, swallowed, counted, numbered, repeated, raising, conditional]


@pytest.mark.parametrize("function", ENDLESS)
def test_a_generator_that_cannot_return_never_ends(function):
    assert source_never_ends(function)
    assert never_ends(function())


@pytest.mark.parametrize("function", ENDING)
def test_of_a_generator_that_may_return_nothing_is_said(function):
    assert not source_never_ends(function)
    assert not never_ends(function())


def test_pythons_own_iterators_end_as_their_sources_do():
    chained, nested = itertools.chain.from_iterable(repeat(DATA)), (b for _ in count() for b in DATA)
    endless = [repeat(1), count(), cycle(DATA), nested, map(str, count()), enumerate(count()), chained]
    assert all(never_ends(each) for each in [*endless, zip(count(), count()), filter(None, cycle(DATA))])
    ending = [repeat(1, 3), iter(DATA), (b for b in DATA), map(max, DATA, count()), zip(count(), DATA)]
    assert not any(never_ends(each) for each in [*ending, itertools.islice(count(), 3), filter(None, DATA)])


def test_this_python_is_known_and_of_another_one_nothing_is_said(monkeypatch):
    assert knows_instructions()
    monkeypatch.setattr(endless, "ENDS", set())  # as if the instructions had other names
    knows_instructions.cache_clear()
    assert not knows_instructions()
    assert not any(source_never_ends(function) for function in ENDLESS + ENDING)
    monkeypatch.undo()
    knows_instructions.cache_clear()
    assert source_never_ends(forever)


class Stream(paddle.io.IterableDataset):
    def __iter__(self):
        while True:
            yield np.zeros([3], "float32"), 0


class Own:
    def __iter__(self):
        return forever()


READERS = {
    "generator": (forever, False),
    "generator in a worker": (forever, True),
    "function": (lambda: forever(), False),
    "function in a worker": (lambda: forever(), True),
    "itertools": (lambda: cycle(DATA), False),
    "itertools in a worker": (lambda: cycle(DATA), True),
    "iterable": (Own(), False),
    "iterable in a worker": (Own(), True),
    "DataLoader": (paddle.io.DataLoader(Stream(), batch_size=2), False),
    "DataLoader with workers": (paddle.io.DataLoader(Stream(), batch_size=2, num_workers=1), False),
}


@pytest.mark.parametrize("kind", READERS)
def test_each_kind_of_reader_without_an_end_asks_for_steps_per_epoch(kind):
    reader, in_worker = READERS[kind]
    with pytest.raises(ValueError, match=r"^train_reader never ends; give steps_per_epoch, the number of batches"):
        next(iter(BatchLoader("train_reader", reader, in_worker)))
    loader = BatchLoader("train_reader", reader, in_worker, steps=3)
    assert [len(list(loader)) for _ in range(2)] == [3, 3]
