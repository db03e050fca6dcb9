"""How resident memory grows over many steps of a search, and what share of the time checkpoints take.

memory_growth.py --steps 1000 [--supernet darts]
"""

from __future__ import annotations

import argparse
import logging
import os
import pathlib
import tempfile
import time

import paddle
from runs_to_kill import BATCH, STEPS, MixedConvolutions, shuffled

from paddleslim.nas.darts import Callback, DARTSearch
from paddleslim.nas.darts.data import ShuffledBatches, load_digits, split
from paddleslim.nas.darts.search_space import DARTSSupernet
from paddleslim.nas.darts.training.log import logger


class Watch(Callback):
    """Note the resident memory in MB every ten steps."""

    def __init__(self):
        self.sizes, self.steps = [], 0

    def on_step_end(self, search, report):
        self.steps += 1
        if self.steps % 10 == 0:
            pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
            self.sizes.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)


def make_parts(kind):
    """Return a supernet, its two readers, the batch size, and the images an epoch takes."""
    if kind == "plain":
        return MixedConvolutions(), shuffled(0), shuffled(1), BATCH, 2 * STEPS * BATCH
    train, valid = split(load_digits().take(range(1280)), 0.5, seed=0)
    supernet = DARTSSupernet(8, 10, 4, in_channels=1)
    return supernet, ShuffledBatches(train, 64, 0), ShuffledBatches(valid, 64, 1), 64, 1280


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=1000, help="training steps")
    parser.add_argument("--supernet", choices=["plain", "darts"], default="plain")
    options = parser.parse_args()
    logger.setLevel(logging.ERROR)
    supernet, train, valid, batchsize, num_imgs = make_parts(options.supernet)
    length = STEPS if options.supernet == "plain" else len(train)
    epochs = -(-options.steps // length)
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        search = DARTSearch(
            supernet,
            train,
            valid,
            paddle.CPUPlace(),
            batchsize=batchsize,
            num_imgs=num_imgs,
            num_epochs=epochs,
            save_dir=folder,
            callbacks=[watch],
        )
        begun = time.monotonic()
        search.train()
        seconds = time.monotonic() - begun
        size = os.path.getsize(search.checkpoints.path)
    settled = watch.sizes[len(watch.sizes) // 10]  # after a tenth of the steps
    growth = watch.sizes[-1] / settled - 1
    print(f"{epochs} epochs, {epochs * length} training steps in {seconds:.1f} s")
    print(f"resident memory: {settled:.1f} MB after a tenth, {watch.sizes[-1]:.1f} MB at the end: {growth:+.2%}")
    saving = search.checkpoints.seconds
    print(
        f"checkpoints of {size / 1e6:.2f} MB: {saving / epochs * 1e3:.1f} ms each, {saving / seconds:.2%} of the time"
    )


if __name__ == "__main__":
    main()
