"""`fluid.dataloader.batch_sampler`: the numbers of the samples, batch by batch."""

from __future__ import annotations

import numpy as np
import paddle

from .._absent import absent

__all__ = ["BatchSampler"]


class BatchSampler(paddle.io.BatchSampler):
    """Yields lists of sample numbers.

    Args:
        dataset: its length gives the numbers.
        indices: the numbers themselves, a list, in place of a data set.
        shuffle: shuffle them before each epoch, with numpy's global generator, as Paddle 1.8 did.
        batch_size: numbers in a list.
        drop_last: leave out a last, shorter list.

    Raises:
        ValueError: neither or both of `dataset` and `indices` are given, or `batch_size` is below 1.
    """

    def __init__(self, dataset=None, indices=None, shuffle=False, batch_size=1, drop_last=False):
        if (dataset is None) == (indices is None):
            raise ValueError("give either dataset or indices")
        if not isinstance(batch_size, int) or batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size!r}")
        self.indices = list(range(len(dataset))) if indices is None else list(indices)
        self.batch_size, self.shuffle, self.drop_last = batch_size, bool(shuffle), bool(drop_last)

    def __iter__(self):
        if self.shuffle:
            np.random.shuffle(self.indices)
        for start in range(0, len(self) * self.batch_size, self.batch_size):
            yield self.indices[start : start + self.batch_size]

    def __len__(self):
        whole, rest = divmod(len(self.indices), self.batch_size)
        return whole + bool(rest and not self.drop_last)


__getattr__ = absent(__name__)
