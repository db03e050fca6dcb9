"""From what a user gives as a reader to checked batches of tensors."""

from __future__ import annotations

import collections.abc

import numpy as np
import paddle
from paddle import io

__all__ = ["BatchLoader"]


class BatchLoader:
    """Iterate over the batches of a reader anew each time, as `(image, label)` tensors.

    Args:
        name: what messages call the reader.
        reader: a function that returns an iterator of `(image, label)` arrays; or a `paddle.io.DataLoader` or
            any other iterable that can be walked more than once. image is `[N, ...]`, label `[N, 1]` or `[N]`
            of integers.
        use_multiprocess: read in a worker process. A `DataLoader` has workers of its own, see its `num_workers`.
        num_classes: labels must lie below; unchecked where None.

    Iterating raises ValueError or TypeError where the reader yields something else; the message says what.
    """

    def __init__(self, name, reader, use_multiprocess=False, num_classes=None):
        self.name, self.num_classes = name, num_classes
        self.source = self._open(reader, use_multiprocess)

    def _open(self, reader, use_multiprocess):
        if isinstance(reader, io.DataLoader):
            if use_multiprocess and not reader.num_workers:
                raise ValueError(
                    f"use_multiprocess=True, but {self.name} is a DataLoader with num_workers=0; "
                    "give the DataLoader num_workers=1 or more"
                )
            return reader
        if not callable(reader):
            if not isinstance(reader, collections.abc.Iterable):
                raise TypeError(
                    f"{self.name} must be a function that returns an iterator of (image, label) batches, or an "
                    f"iterable of them, got {type(reader).__name__}"
                )
            if isinstance(reader, collections.abc.Iterator):
                raise TypeError(
                    f"{self.name} is an iterator, which can be walked only once; "
                    "pass a function that returns a new one for each epoch"
                )
        stream = ReaderStream(reader)
        return io.DataLoader(stream, batch_size=None, num_workers=1) if use_multiprocess else stream

    def __iter__(self):
        empty = True
        for number, batch in enumerate(self.source):
            empty = False
            yield self.check(batch, number)
        if empty:
            raise ValueError(
                f"{self.name} yielded no batch; it must yield at least one (image, label) each time it is walked"
            )

    def check(self, batch, number):
        """Return batch `number` as `(image, label)` tensors, label int64 `[N, 1]`, or raise what is wrong with it."""
        what = f"{self.name}, batch {number}"
        if not isinstance(batch, (tuple, list)) or len(batch) != 2:
            got = f"{len(batch)} arrays" if isinstance(batch, (tuple, list)) else type(batch).__name__
            raise ValueError(f"{what}: expected (image, label), got {got}")
        image, label = (a if isinstance(a, paddle.Tensor) else np.asarray(a) for a in batch)
        samples = image.shape[0] if len(image.shape) else 0
        if len(label.shape) not in (1, 2) or list(label.shape[1:]) not in ([], [1]):
            raise ValueError(f"{what}: label must be of shape [N, 1] or [N], got {list(label.shape)}")
        if samples == 0 or label.shape[0] != samples:
            raise ValueError(f"{what}: image holds {samples} samples and label {label.shape[0]}; give as many of both")
        self._check_label(label, what, first=number == 0)
        return as_tensor(image), as_tensor(label).astype("int64").reshape([-1, 1])

    def _check_label(self, label, what, first):
        kind = str(label.dtype).rpartition(".")[2]
        if not kind.startswith(("int", "uint")):
            raise ValueError(f"{what}: label must be of integers, got {kind}; convert it with astype('int64')")
        if isinstance(label, paddle.Tensor) and not label.place.is_cpu_place() and not first:
            return  # looking at it would wait for the device
        values = np.asarray(label)
        below = self.num_classes if self.num_classes is not None else np.inf
        outside = values[(values < 0) | (values >= below)]
        if outside.size:
            limit = f" and below {below}, the number of classes of the supernet" if below < np.inf else ""
            raise ValueError(f"{what}: labels must be at least 0{limit}, got {outside.flat[0]}")


class ReaderStream(io.IterableDataset):
    """A reader as a data set whose samples are its batches, so that a worker process of Paddle can read it."""

    def __init__(self, reader):
        super().__init__()
        self.reader = reader

    def __iter__(self):
        return iter(self.reader() if callable(self.reader) else self.reader)


def as_tensor(array):
    """Return `array` as a tensor where Paddle computes; float64 arrays, numpy's default, in Paddle's default dtype."""
    if isinstance(array, paddle.Tensor):
        return array.to(paddle.get_device())
    if array.dtype == np.float64:
        array = array.astype(paddle.get_default_dtype())
    return paddle.to_tensor(array)
