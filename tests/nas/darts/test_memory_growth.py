import os
import pathlib

from paddleslim.nas.darts import Callback
from tests.searches import make_search, shuffling_reader

EPOCHS, ROUNDS = 10, 25  # each of 25 rounds over 4 batches: 1,000 training steps


class Watch(Callback):
    """Note the resident memory after each epoch."""

    def __init__(self):
        self.sizes = []

    def on_epoch_end(self, search, report):
        pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
        self.sizes.append(pages * os.sysconf("SC_PAGE_SIZE"))


def long_reader(half):
    reader = shuffling_reader(half)
    return lambda: (batch for _ in range(ROUNDS) for batch in reader())


def test_a_thousand_steps_need_no_more_memory_than_a_hundred(tmp_path):
    watch = Watch()
    search = make_search(tmp_path, long_reader, num_epochs=EPOCHS, valid_freq=EPOCHS, callbacks=[watch])
    search.train()
    assert sum(report.steps for report in search.history) == 1000
    assert watch.sizes[-1] < 1.02 * watch.sizes[0]
