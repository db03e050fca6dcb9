"""The batches of a `DataLoader`, made where they can be made again, and the same with workers and without.

Without workers Paddle reads ahead in a thread of its own, which draws random numbers at moments that nobody can repeat;
here they are read in the thread that asks for them. What workers make arrives as `shipping` says.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import multiprocessing

from paddle import io
from paddle.io.dataloader.collate import default_collate_fn, default_convert_fn

from .helpers import READING, notice_helpers, with_helpers_of_ours
from .processes import DyingWithParent
from .sendable import make_tensors
from .shipping import FromWorkers

__all__ = ["InOneThread", "find_collate", "in_one_thread"]


class InOneThread:
    """An iterable of the batches of a `DataLoader` without workers, as its `collate_fn` returns them."""

    def __init__(self, loader):
        self.loader, self.batch_sampler = loader, loader.batch_sampler
        self.collate = find_collate(loader)

    def __iter__(self):
        dataset, batch_sampler = self.loader.dataset, self.loader.batch_sampler
        if isinstance(dataset, io.IterableDataset):
            return map(self.collate, dataset if batch_sampler is None else self._chunks(iter(dataset)))
        if batch_sampler is not None:
            return (self.collate([dataset[i] for i in indices]) for indices in batch_sampler)
        return (self.collate(dataset[i]) for i in range(len(dataset)))

    def _chunks(self, samples):
        """Yield lists of `batch_size` samples; the last may be shorter, unless `drop_last`."""
        size = self.loader.batch_size
        while True:
            chunk = list(itertools.islice(samples, size))
            if not chunk or (self.loader.drop_last and len(chunk) < size):
                return
            yield chunk


def find_collate(loader):
    """Return the function by which a `DataLoader` makes batches of samples."""
    given = loader.collate_fn
    if loader.batch_sampler is None:
        return keep if given in (None, default_convert_fn) else given
    return collate_fields if given in (None, default_collate_fn) else given


def keep(sample):
    """Return a sample that is a batch, where Paddle's function makes lists of its tuples."""
    return sample


def collate_fields(samples):
    """Return what Paddle's function makes of samples, with tuples of several fields where that makes lists."""
    return as_tuples(default_collate_fn(samples))


def as_tuples(batch):
    if isinstance(batch, list) and batch and not isinstance(batch[0], (str, bytes)):
        return tuple(map(as_tuples, batch))
    return {key: as_tuples(part) for key, part in batch.items()} if isinstance(batch, dict) else batch


@contextlib.contextmanager
def in_one_thread():
    """Inside, a reader that iterates over a `DataLoader` of its own gets batches it can get again.

    Without workers they are read in this thread. Workers end with an iteration, `persistent_workers` as well, for
    nobody could restore the random states they keep; and with this process. What other threads read does not change.
    Threads and processes that the reader uses itself are noticed, see `took_helpers`.
    """
    adapt_data_loader()
    notice_helpers()
    before, READING.active = READING.active, True
    try:
        yield
    finally:
        READING.active = before


@functools.cache
def adapt_data_loader():
    """Let `DataLoader.__iter__` look whether this thread is inside `in_one_thread`; once."""
    original = io.DataLoader.__iter__

    @functools.wraps(original)
    def iterate(loader):
        if not READING.active:
            return original(loader)
        if not loader.num_workers:
            return map(make_tensors, InOneThread(loader))
        if multiprocessing.current_process().daemon:
            raise ValueError(
                f"a DataLoader with num_workers={loader.num_workers} cannot be read in the worker process of "
                "use_multiprocess=True; give use_multiprocess=False, or num_workers=0"
            )
        with with_helpers_of_ours():
            return FromWorkers(loader, original, find_collate(loader), DyingWithParent(loader.worker_init_fn))

    io.DataLoader.__iter__ = iterate
