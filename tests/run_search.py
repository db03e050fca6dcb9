"""Run a search of `tests.searches` in a process of its own, to be disturbed: `run_search.py <folder> <how>`."""

import os
import pathlib
import resource
import sys
import time

import paddle

from paddleslim.nas.darts import Callback
from paddleslim.nas.darts.state.checkpoint import read_checkpoint
from tests.searches import EPOCHS, STEPS, Samples, data_loader, digest, make_search
from tests.supernets import NormSupernet, random_batches


class Slow(Callback):
    """Take 0.05 s for a step and tell of it on the standard output."""

    def on_step_end(self, search, report):
        print(report.phase, report.epoch, report.step, flush=True)
        time.sleep(0.05)


def search_slowly(folder, **arguments):
    make_search(folder, num_epochs=100 * EPOCHS, callbacks=[Slow()], **arguments).train()


def hang(half):
    """A reader that stops to yield in epoch 1, after two batches."""

    def reader():
        begun = (pathlib.Path(sys.argv[1]) / "checkpoints" / "0001-00000000.safetensors").exists()
        for number, batch in enumerate(random_batches(STEPS)):
            if half == 0 and begun and number == 2:
                print("hangs", flush=True)
                time.sleep(600)
            yield batch

    return reader


class Hanging(Samples):
    """Samples whose worker hangs in the second epoch."""

    def __getitem__(self, index):
        path = pathlib.Path(sys.argv[1]) / "checkpoints" / "0001-00000000.safetensors"
        if path.exists() and self.half == 0:
            print("hangs", flush=True)
            time.sleep(600)
        return super().__getitem__(index)

    def __init__(self, half):
        super().__init__(half)
        self.half = half


def hanging_loader(half):
    return paddle.io.DataLoader(Hanging(half), batch_size=8, num_workers=1)


def search_without_memory(folder):
    """Let a search have 500 MB more than the program has now."""
    size = int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (size + 500 * 2**20,) * 2)
    batches = random_batches(2, samples=64, size=64)
    make_search(folder, lambda half: batches, lambda: NormSupernet(channels=256), batchsize=64, num_imgs=256).train()


def search_on_bad_disks(folder):
    """Search where `folder/full` has no room for a third checkpoint and `folder/readonly` takes no file."""
    for name in ("full", "readonly"):
        try:
            make_search(f"{folder}/{name}").train()
        except OSError as error:
            print(f"{name}: {type(error).__name__}: {error}")
        paths = sorted(pathlib.Path(folder, name, "checkpoints").glob("*.safetensors"))
        print([path.name for path in paths if read_checkpoint(path)])


def search_and_tell_the_end(folder):
    """Print a digest of how a deterministic search ends."""
    search = make_search(folder, deterministic=True, unrolled=True)
    search.train()
    print("ends as", digest(search))


if __name__ == "__main__":
    {
        "to the end": search_and_tell_the_end,
        "slowly": search_slowly,
        "slowly in workers": lambda folder: search_slowly(folder, use_multiprocess=True),
        "slowly with a DataLoader": lambda folder: search_slowly(
            folder, make_reader=lambda half: data_loader(half, num_workers=1)
        ),
        "with a reader that hangs": lambda folder: make_search(folder, make_reader=hang).train(),
        "with a worker that hangs": lambda folder: make_search(folder, make_reader=hang, use_multiprocess=True).train(),
        "with a DataLoader that hangs": lambda folder: make_search(folder, make_reader=hanging_loader).train(),
        "without memory": search_without_memory,
        "on bad disks": search_on_bad_disks,
    }[sys.argv[2]](sys.argv[1])
