"""A reader that keeps a run waiting is named."""

import time

import paddle
import pytest

from paddleslim.nas.darts.training import silence
from tests.searches import Samples, make_search
from tests.supernets import random_batches


def slow_reader(half):
    def reader():
        for number, batch in enumerate(random_batches(3)):
            time.sleep(0.8 * (number == 1 and half == 0))
            yield batch

    return reader


class SlowSamples(Samples):
    def __init__(self, half):
        super().__init__(half)
        self.half = half

    def __getitem__(self, index):
        time.sleep(0.8 * (index == 8 and self.half == 0))
        return super().__getitem__(index)


def slow_loader(workers):
    return lambda half: paddle.io.DataLoader(SlowSamples(half), batch_size=8, num_workers=workers)


KINDS = {
    "in process": (slow_reader, {}),
    "worker": (slow_reader, {"use_multiprocess": True}),
    "DataLoader": (slow_loader(0), {}),
    "DataLoader with workers": (slow_loader(1), {}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_silent_reader_is_named_once_for_a_batch(kind, tmp_path, lines, monkeypatch):
    monkeypatch.setattr(silence, "SILENCE", 0.2)
    make_reader, options = KINDS[kind]
    make_search(tmp_path, make_reader, num_epochs=1, **options).train()
    (line,) = [line for line in lines if line.startswith("train_reader has not given batch 1 for")]
    assert line.endswith("the search waits for it. Ctrl-C or SIGTERM saves the run and ends it")


def test_it_is_a_minute():
    assert silence.SILENCE == 60
