"""From what a user gives as a reader to checked batches of tensors."""

from __future__ import annotations

import collections.abc
import contextlib
import zlib
from typing import Any

import numpy as np
import paddle
from paddle import io

from .one_thread import InOneThread, in_one_thread
from .worker import DyingWithParent, InWorker, describe_dead_worker, remove_shared_memory, worker_pids

__all__ = ["BatchLoader", "ReaderError"]

END = object()


class ReaderError(RuntimeError):
    """A reader failed; the message names it and the batch, the cause is its own exception."""


class BatchLoader:
    """Iterate over the batches of a reader anew each time, as `(image, label)` tensors.

    A reader draws its random numbers from generators of its own, see `seek`; those of the caller stay as they are.

    Args:
        name: what messages call the reader.
        reader: a function that returns an iterator of `(image, label)` arrays; or a `paddle.io.DataLoader` or
            any other iterable that can be walked more than once. image is `[N, ...]`, label `[N, 1]` or `[N]`
            of integers.
        use_multiprocess: read in a worker process. A `DataLoader` has workers of its own, see its `num_workers`.
        num_classes: labels must lie below; unchecked where None.

    Attributes:
        taken: how many batches of the present walk were taken.
        first_checksum: of the first batch of the present walk.
        last: the latest batch, as tensors.

    Iterating raises ValueError or TypeError where the reader yields something else, and ReaderError where it
    raises itself; the message says what.
    """

    def __init__(self, name, reader, use_multiprocess=False, num_classes=None):
        self.name, self.num_classes = name, num_classes
        self.reader, self.source = reader, self._open(reader, use_multiprocess)
        self.stream = contextlib.nullcontext()
        self.taken, self.longest = 0, 0
        self.first_checksum = self.kind = None
        self.last: tuple = ()
        self.walk: Any = None

    def _open(self, reader, use_multiprocess):
        if isinstance(reader, io.DataLoader):
            if use_multiprocess and not reader.num_workers:
                raise ValueError(
                    f"use_multiprocess=True, but {self.name} is a DataLoader with num_workers=0; "
                    "give the DataLoader num_workers=1 or more"
                )
            if not reader.num_workers:
                return InOneThread(reader)
            if not isinstance(reader.worker_init_fn, DyingWithParent):
                reader.worker_init_fn = DyingWithParent(reader.worker_init_fn)
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
        return InWorker(stream) if use_multiprocess else stream

    def seek(self, epoch, stream):
        """Let the next walk be that of `epoch`, whatever was walked before.

        Args:
            epoch: counted from 0; handed to `set_epoch` of the reader or of its `batch_sampler`, if there is one.
            stream: a `RandomStream` the reader draws its random numbers from.
        """
        self.stream = stream
        for part in (self.reader, getattr(self.reader, "batch_sampler", None)):
            set_epoch = getattr(part, "set_epoch", None)
            if set_epoch:
                set_epoch(epoch)

    def __iter__(self):
        self.close()
        self.taken = 0
        self.walk = self._ask(iter, self.source)
        while True:
            batch = self._ask(next, self.walk, END)
            if batch is END:
                break
            self.last = self.check(batch, self.taken)
            if self.taken == 0:
                self.first_checksum = self.checksum()
            self.taken += 1
            yield self.last
        if self.taken == 0:
            raise ValueError(
                f"{self.name} yielded no batch; it must yield at least one (image, label) each time it is walked"
            )
        if self.taken < self.longest:
            raise ValueError(
                f"{self.name} ended after {self.taken} batches, where it had {self.longest} before; "
                "it must yield as many each time it is walked"
            )
        self.longest = self.taken

    def close(self):
        """End the present walk, and the processes that read for it."""
        walk, self.walk = self.walk, None
        end = getattr(walk, "close", None) or getattr(walk, "_try_shutdown_all", None)
        pids = worker_pids(walk)
        if end:
            end()
        if getattr(self.reader, "_iterator", None) is not None:
            self.reader._iterator = None  # workers that outlive a walk would keep random states nobody can restore
        remove_shared_memory(pids)

    def _ask(self, function, *args):
        """Call `function` with the random numbers of the reader; an exception gets the name of the reader."""
        try:
            with self.stream, in_one_thread():
                return function(*args)
        except Exception as error:
            why = describe_dead_worker(self.walk) or f"{type(error).__name__}: {error}"
            raise ReaderError(f"{self.name} failed at batch {self.taken}: {why}") from error

    def checksum(self):
        """Return the CRC-32 of the latest batch, as 8 hexadecimal digits; waits for the device."""
        checksum = 0
        for tensor in self.last:
            checksum = zlib.crc32(tensor.numpy().tobytes(), checksum)
        return f"{checksum:08x}"

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
        image, label = as_tensor(image), as_tensor(label).astype("int64").reshape([-1, 1])
        self._check_kind(image, what)
        return image, label

    def _check_kind(self, image, what):
        kind = list(image.shape[1:]), str(image.dtype).rpartition(".")[2]
        self.kind = self.kind or kind
        if kind != self.kind:
            raise ValueError(
                f"{what}: images are {kind[1]} of shape [N, *{kind[0]}], those before were {self.kind[1]} of "
                f"[N, *{self.kind[0]}]; only the number of samples may differ from batch to batch"
            )

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


class ReaderStream:
    """A reader as an iterable that can be walked more than once."""

    def __init__(self, reader):
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
