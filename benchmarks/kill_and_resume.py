"""Kill a search with SIGKILL at random moments, resume it, and compare how it ends: `kill_and_resume.py --kills 50`.

Each search ends as often as it is killed: one process searches, this one kills it after a random time (within a step,
within the writing of a checkpoint or between epochs), reads every checkpoint it left, and starts the next one with
resume. All endings must be the same to the bit as that of a search nobody killed.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import hashlib
import multiprocessing
import os
import pathlib
import random
import shutil
import signal
import tempfile
import time
import warnings

import numpy as np
import paddle
from paddle import nn

from paddleslim.nas.darts import Callback, DARTSearch
from paddleslim.nas.darts.state.checkpoint import read_checkpoint
from paddleslim.nas.darts.training.log import logger

EPOCHS, STEPS, BATCH = 4, 6, 8
PLACES = ("starting", "in a step", "in a checkpoint", "between epochs")
AIMS = (None, "in a checkpoint", "between epochs")  # most of the time goes into steps


class Supernet(nn.Layer):
    """Two mixed convolutions with batch norm and dropout."""

    def __init__(self):
        super().__init__()
        self.convs = nn.LayerList([nn.Conv2D(1, 16, k, padding=k // 2) for k in (1, 3, 5)])
        self.norm, self.dropout, self.classifier = nn.BatchNorm2D(16), nn.Dropout(0.2), nn.Linear(16, 10)
        self.alphas = self.create_parameter([3], default_initializer=nn.initializer.Normal(0.0, 1e-3))

    def forward(self, image):
        weights = nn.functional.softmax(self.alphas).unbind()
        mixed = paddle.add_n([weight * conv(image) for weight, conv in zip(weights, self.convs)])
        return self.classifier(self.dropout(paddle.tanh(self.norm(mixed))).mean(axis=[2, 3]))

    def _loss(self, image, label):
        return nn.functional.cross_entropy(self(image), label)

    def arch_parameters(self):
        return [self.alphas]

    def genotype(self):
        return ("conv1x1", "conv3x3", "conv5x5")[int(self.alphas.argmax())]


def make_reader(half):
    """Return a reader of random images, shuffled and scaled by numpy's global random numbers."""
    rng = np.random.default_rng(half)
    image = rng.standard_normal([STEPS * BATCH, 1, 16, 16]).astype("float32")
    label = rng.integers(0, 10, [STEPS * BATCH, 1])

    def reader():
        for indices in np.random.permutation(len(image)).reshape(STEPS, BATCH):
            yield image[indices] * np.float32(np.random.rand()), label[indices]

    return reader


class Tell(Callback):
    """Write where the search is to a shared number, so that the killer can count what it hit."""

    def __init__(self, place):
        self.place = place

    def on_epoch_begin(self, search, epoch):
        self.place.value = 1
        save = search.checkpoints.folder.save

        def save_and_tell(*arguments):
            before, self.place.value = self.place.value, 2
            save(*arguments)
            self.place.value = before

        if not hasattr(search.checkpoints, "told"):
            search.checkpoints.told = True
            search.checkpoints.folder.save = save_and_tell

    def on_step_end(self, search, report):
        self.place.value = 1

    def on_epoch_end(self, search, report):
        self.place.value = 3


def run_search(folder, resume, unrolled, workers, place, pipe):
    """Search in this process, and send a digest of how it ended."""
    logger.handlers.clear()
    warnings.simplefilter("ignore")
    paddle.seed(7)
    np.random.seed(7)
    random.seed(7)
    search = DARTSearch(
        Supernet(),
        make_reader(0),
        make_reader(1),
        "cpu",
        batchsize=BATCH,
        num_imgs=2 * STEPS * BATCH,
        arch_learning_rate=3e-2,
        unrolled=unrolled,
        num_epochs=EPOCHS,
        use_multiprocess=workers,
        save_dir=str(folder),
        valid_freq=1,
        checkpoint_steps=1,
        callbacks=[Tell(place)],
    )
    search.train(resume=resume)
    pipe.send(digest(search))


def digest(search):
    """Return one text for all parameters, alphas, buffers, genotypes, losses and accuracies of a search."""
    total = hashlib.sha256()
    for name, tensor in sorted(search.model.state_dict().items()):
        total.update(name.encode() + tensor.numpy().tobytes())
    for report in search.history:
        total.update(repr(report).encode())
    return total.hexdigest()


def start(*arguments):
    """Start `run_search` in a process of its own; return the process, its shared place and its answer."""
    fork = multiprocessing.get_context("fork")
    receiver, sender = fork.Pipe(duplex=False)
    place = fork.Value("i", 0, lock=False)
    process = fork.Process(target=run_search, args=(*arguments, place, sender))
    process.start()
    sender.close()
    return process, place, receiver


def run_through(folder, resume, unrolled, workers):
    """Let a search run to its end; return its digest and how long it took."""
    begun = time.monotonic()
    process, _, answer = start(folder, resume, unrolled, workers)
    with contextlib.suppress(EOFError):
        ending = answer.recv()
        process.join()
        return ending, time.monotonic() - begun
    raise RuntimeError(f"the search in {folder} failed with exit code {process.exitcode}")


def count_unreadable(folder):
    """Return how many checkpoints in the folder cannot be read, and how many there are."""
    paths = list(pathlib.Path(folder, "checkpoints").glob("*.safetensors"))
    unreadable = 0
    for path in paths:
        try:
            read_checkpoint(path)
        except (ValueError, OSError):
            unreadable += 1
    return unreadable, len(paths)


def kill_once(folder, aim, moments, longest, unrolled, workers):
    """Start a search and kill it; return where it was, or None if it had ended.

    Args:
        folder: of the search.
        aim: one of `PLACES` to wait for after a random time; None kills wherever it is then.
        moments: random numbers.
        longest: limit of that time in seconds.
    """
    process, place, _ = start(folder, False, unrolled, workers)
    process.join(moments.uniform(0, longest))
    while aim is not None and process.is_alive() and PLACES[place.value] != aim:
        pass  # a checkpoint takes a few milliseconds; sleeping would miss it
    if aim is not None:
        process.join(moments.uniform(0, 0.004))
    if not process.is_alive():
        return None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    return PLACES[place.value]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50, help="how many searches to kill and resume")
    parser.add_argument("--order", type=int, choices=[1, 2], default=1, help="of the hypergradient")
    parser.add_argument("--workers", action="store_true", help="read in worker processes")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    options = parser.parse_args()
    moments = random.Random(options.seed)
    how = options.order == 2, options.workers
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kill-and-resume-"))
    expected, seconds = run_through(folder / "through", False, *how)
    print(f"a search nobody kills takes {seconds:.2f} s and ends as {expected[:16]}", flush=True)

    hit: collections.Counter = collections.Counter()
    same = unreadable = read = 0
    for number in range(options.kills):
        run = folder / str(number)
        place = None
        while place is None:  # a search that had ended before it was killed does not count
            shutil.rmtree(run, ignore_errors=True)
            place = kill_once(run, AIMS[number % len(AIMS)], moments, seconds, *how)
        hit[place] += 1
        bad, found = count_unreadable(run)
        unreadable, read = unreadable + bad, read + found
        ending, _ = run_through(run, True, *how)
        same += ending == expected
        print(f"kill {number + 1}: {place}, {found} checkpoints; {'same' if ending == expected else 'OTHER'} ending")
    shutil.rmtree(folder)
    print(f"{same} of {options.kills} endings identical; {unreadable} of {read} checkpoints unreadable")
    print("killed " + ", ".join(f"{place}: {hit[place]}" for place in PLACES))
    raise SystemExit(same != options.kills or unreadable > 0)


if __name__ == "__main__":
    main()
