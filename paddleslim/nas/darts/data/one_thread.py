"""The batches of a `DataLoader` without workers, read in the thread that asks for them.

Paddle reads them ahead in a thread of its own, which draws random numbers at moments that nobody can repeat.
"""

from __future__ import annotations

import collections.abc
import contextlib
import functools
import itertools
import threading

import numpy as np
import paddle
from paddle import io
from paddle.io.dataloader.collate import default_collate_fn, default_convert_fn

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
    return loader.collate_fn or (default_convert_fn if loader.batch_sampler is None else default_collate_fn)


class Reading(threading.local):
    """Whether this thread is inside `in_one_thread`."""

    active = False


READING = Reading()


@contextlib.contextmanager
def in_one_thread():
    """Inside, a reader that iterates over a `DataLoader` of its own gets batches it can get again.

    Without workers they are read in this thread; `persistent_workers` are started anew, for nobody could restore the
    random states they keep. What other threads read does not change.
    """
    adapt_data_loader()
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
            return map(as_paddle_returns, InOneThread(loader))
        loader._iterator = None
        return original(loader)

    io.DataLoader.__iter__ = iterate


def as_paddle_returns(batch):
    """Return a batch as a `DataLoader` gives it out: arrays as tensors, tuples as lists."""
    if isinstance(batch, np.ndarray):
        return paddle.to_tensor(batch)
    if isinstance(batch, collections.abc.Mapping):
        return {key: as_paddle_returns(part) for key, part in batch.items()}
    if isinstance(batch, collections.abc.Sequence) and not isinstance(batch, (str, bytes)):
        return [as_paddle_returns(part) for part in batch]
    return batch
