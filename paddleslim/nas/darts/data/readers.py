"""From what a user gives as a reader to checked batches of tensors."""

from __future__ import annotations

import collections.abc
import contextlib
import time
import zlib
from typing import Any

import numpy as np
import paddle
from paddle import io

from ....common.log_helper import package_logger
from .batch import list_tensors, unpack_batch
from .conversion import IMAGE_DIMENSIONS, as_array, as_int64, convert_inputs, convert_label
from .endless import EndlessReaderError, never_ends, source_never_ends
from .helpers import took_helpers
from .one_thread import in_one_thread
from .processes import describe_dead_worker, remove_shared_memory, worker_pids
from .worker import InWorker

__all__ = ["BatchLoader", "ReaderError"]

logger = package_logger(__name__)

END = object()
ENOUGH = 20  # samples of a class, on average, after which an absent one is reported
OWN_LABEL = ", or give a criterion of your own, which takes any label"


class ReaderError(RuntimeError):
    """A reader failed; the message names it and the batch, the cause is its own exception."""


class BatchLoader:
    """Iterate over the batches of a reader anew each time, as `(image, label)` tensors.

    A reader draws its random numbers from generators of its own, see `seek`; those of the caller stay as they are.

    Args:
        name: what messages call the reader.
        reader: a function that returns an iterator of `(image, label)` arrays; or a `paddle.io.DataLoader` or
            any other iterable that can be iterated over more than once. image is `[N, ...]`, label `[N, 1]` or `[N]`
            of integers.
        use_multiprocess: read in a worker process. A `DataLoader` has workers of its own, see its `num_workers`.
        num_classes: labels must lie below; unchecked where None.
        any_label: labels may be anything that a criterion of the user's own takes, see `convert_label`.
        unpack: function of what the reader yields that returns `(inputs, label)`; None for the rule of `data.batch`.
        steps: batches of an epoch, after which a reader is left that would yield more; None for all it yields.

    Attributes:
        taken: how many batches of the present epoch were taken.
        first_checksum: of the first batch of the present epoch.
        last: the latest batch, as tensors.
        asked: when the reader was asked for the batch that it has not given yet, by `time.monotonic`; None otherwise.

    Iterating raises ValueError or TypeError where the reader yields something else, and ReaderError where it
    raises itself; the message says what.
    """

    def __init__(
        self,
        name,
        reader,
        use_multiprocess=False,
        num_classes=None,
        *,
        any_label=False,
        unpack=None,
        steps=None,
    ):
        self.name, self.num_classes = name, num_classes
        self.any_label, self.unpack, self.steps = any_label, unpack, steps
        self.float_type: str | None = None  # of floats, where it is not Paddle's default
        self.seen: set[int] = set()
        self.samples_seen = 0
        self.ended = self.warned = self.told_of_helpers = False
        self.reader, self.source = reader, self._open(reader, use_multiprocess)
        self.stream = contextlib.nullcontext()
        self.taken, self.longest = 0, 0
        self.asked: float | None = None
        self.first_checksum = self.kind = None
        self.last: tuple = ()
        self.iterator: Any = None

    def _open(self, reader, use_multiprocess):
        if isinstance(reader, io.DataLoader):
            if use_multiprocess and not reader.num_workers:
                raise ValueError(
                    f"use_multiprocess=True, but {self.name} is a DataLoader with num_workers=0; "
                    "give the DataLoader num_workers=1 or more"
                )
            return ReaderStream(reader)
        if not callable(reader):
            if not isinstance(reader, collections.abc.Iterable):
                raise TypeError(
                    f"{self.name} must be a function that returns an iterator of (image, label) batches, or an "
                    f"iterable of them, got {type(reader).__name__}; ShuffledBatches and paddle.io.DataLoader make "
                    "batches of a data set"
                )
            if isinstance(reader, collections.abc.Iterator):
                raise TypeError(
                    f"{self.name} is an iterator, which can be iterated over only once; "
                    "pass a function that returns a new one for each epoch"
                )
        stream = ReaderStream(reader)
        return InWorker(stream, must_end=self.steps is None) if use_multiprocess else stream

    def seek(self, epoch, stream):
        """Let the next iteration be that of `epoch`, whatever was read before.

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
        self.taken, self.ended = 0, False
        if self.steps is None and source_never_ends(self.reader):
            self._ask_for_steps()
        self.iterator = self._ask(iter, self.source)
        if self.steps is None and never_ends(self.iterator):
            self._ask_for_steps()
        while self.taken != self.steps:
            batch = self._ask(next, self.iterator, END)
            if batch is END:
                self.ended = True
                break
            what = f"{self.name}, batch {self.taken}"
            self.last = self.check(unpack_batch(batch, what, self.unpack), self.taken)
            if self.taken == 0:
                self.first_checksum = self.checksum()
            self.taken += 1
            yield self.last
        if self.taken == 0:
            raise ValueError(
                f"{self.name} yielded no batch; it must yield at least one (image, label) each time it is iterated over"
            )
        if self.steps is not None and self.taken < self.steps:
            raise ValueError(
                f"{self.name} ended after {self.taken} batches, where steps_per_epoch asks for {self.steps}; "
                "give a smaller one, or none"
            )
        if not self.longest:
            self._notice_gaps()
        elif self.taken < self.longest and not self.warned:
            self.warned = True
            logger.warning(
                "%s ended after %d batches, where it had %d before; if it is no stream whose epochs differ, it should "
                "yield as many in each",
                self.name,
                self.taken,
                self.longest,
            )
        if self.steps is not None:
            self.close()
        self.longest = max(self.longest, self.taken)

    def _ask_for_steps(self):
        raise EndlessReaderError(f"{self.name} never ends; give steps_per_epoch, the number of batches of an epoch")

    def close(self):
        """End the present iteration, and the processes that read for it."""
        iterator, self.iterator = self.iterator, None
        pids = worker_pids(iterator)
        if hasattr(iterator, "close"):
            iterator.close()
        remove_shared_memory(pids)

    def abandon(self):
        """End the worker processes of a `DataLoader` that give no batch, so that `close` need not wait for them."""
        if hasattr(self.iterator, "abandon"):
            self.iterator.abandon()

    def _ask(self, function, *args):
        """Call `function` with the random numbers of the reader; an exception gets the name of the reader."""
        self.asked = time.monotonic()
        try:
            with self.stream, in_one_thread():
                found = function(*args)
            self._notice_helpers()
            return found
        except EndlessReaderError:
            self._ask_for_steps()
        except Exception as error:
            why = describe_dead_worker(self.iterator) or f"{type(error).__name__}: {error}"
            raise ReaderError(f"{self.name} failed at batch {self.taken}: {why}") from error
        finally:
            self.asked = None

    def _notice_helpers(self):
        """Warn, once, of a reader whose random numbers may come in another order each time."""
        if took_helpers() and not self.told_of_helpers:
            self.told_of_helpers = True
            logger.warning(
                "%s uses threads or processes of its own. If these draw random numbers, the same seeds give other "
                "batches each time, and a run that is resumed ends differently: draw them in the reader itself, or "
                "from a generator of each sample's own such as numpy.random.default_rng([seed, index])",
                self.name,
            )

    def checksum(self):
        """Return the CRC-32 of the latest batch, as 8 hexadecimal digits; waits for the device."""
        checksum = 0
        for tensor in list_tensors(self.last):
            checksum = zlib.crc32(tensor.numpy().tobytes(), checksum)
        return f"{checksum:08x}"

    def check(self, batch, number):
        """Return `(inputs, label)` of batch `number` as tensors, or raise what is wrong with it.

        A label of classes is int64 `[N, 1]`; with `any_label` it is what `convert_label` makes of it.
        """
        what = f"{self.name}, batch {number}"
        inputs, label = batch
        inputs = convert_inputs(inputs, what, self.float_type)
        samples = (list_tensors(inputs)[0].shape or [0])[0]
        if self.any_label:
            label = convert_label(label, what, self.float_type)
            leaves = list_tensors(label)
            if samples == 0 or (len(leaves) == 1 and leaves[0].shape and leaves[0].shape[0] != samples):
                self._refuse_samples(what, samples, leaves[0].shape)
        else:
            label = self._check_classes(label, samples, what, first=number == 0)
        self._check_kind(inputs, what)
        return inputs, label

    def _refuse_samples(self, what, samples, shape):
        found = shape[0] if shape else 0
        raise ValueError(f"{what}: image holds {samples} samples and label {found}; give as many of both")

    def _check_classes(self, label, samples, what, first):
        """Return the numbers of classes as int64 `[N, 1]`."""
        label, kind = as_array(label, what, "labels")
        if len(label.shape) not in (1, 2) or list(label.shape[1:]) not in ([], [1]):
            raise ValueError(f"{what}: label must be of shape [N, 1] or [N], got {list(label.shape)}{OWN_LABEL}")
        if samples == 0 or label.shape[0] != samples:
            self._refuse_samples(what, samples, label.shape)
        if not kind.startswith(("int", "uint")):
            remedy = "; convert it with astype('int64')"
            raise ValueError(f"{what}: label must be of integers, got {kind}{remedy}{OWN_LABEL}")
        self._check_range(label, what, first)
        return as_int64(label, what, "labels").reshape([-1, 1])

    def _check_kind(self, inputs, what):
        """Raise a ValueError where images change their shape or type; sequences may change their length."""
        kinds = []
        for tensor in list_tensors(inputs):
            fixed = not self.any_label and len(tensor.shape) >= IMAGE_DIMENSIONS
            shape = tensor.shape[1:] if fixed else ["any"] * (len(tensor.shape) - 1)
            kinds.append((str(tensor.dtype).rpartition(".")[2], f"[N, *[{', '.join(map(str, shape))}]]"))
        self.kind = self.kind or kinds
        if kinds != self.kind:
            (kind, shape), (before, shape_before) = next(
                ((new, old) for new, old in zip(kinds, self.kind) if new != old), (kinds[-1], self.kind[-1])
            )
            raise ValueError(
                f"{what}: images are {kind} of shape {shape}, those before were {before} of {shape_before}"
                f"{f'; {len(kinds)} inputs, {len(self.kind)} before' if len(kinds) != len(self.kind) else ''}; "
                "only the number of samples may differ from batch to batch"
            )

    def _check_range(self, label, what, first):
        if isinstance(label, paddle.Tensor) and not label.place.is_cpu_place() and not first:
            return  # looking at it would wait for the device
        values = np.asarray(label)
        below = self.num_classes if self.num_classes is not None else np.inf
        outside = values[(values < 0) | (values >= below)]
        if outside.size:
            limit = f" and below {below}, the number of classes of the supernet" if below < np.inf else ""
            raise ValueError(f"{what}: labels must be at least 0{limit}, got {outside.flat[0]}")
        if self.longest == 0:
            self.seen.update(values.ravel().tolist())
            self.samples_seen += values.size

    def _notice_gaps(self):
        """Warn of classes that a whole first epoch did not have, once, where it had samples enough to show them."""
        if self.any_label or self.num_classes is None or self.samples_seen < ENOUGH * self.num_classes:
            return
        absent = [label for label in range(self.num_classes) if label not in self.seen]
        if self.seen and absent:
            listed = ", ".join(map(str, absent[:10])) + (" and more" if len(absent) > 10 else "")
            logger.warning(
                "%s never had the label %s in an epoch of %d samples, but the supernet has %d outputs; number the "
                "classes from 0 on without gaps",
                self.name,
                listed,
                self.samples_seen,
                self.num_classes,
            )


class ReaderStream:
    """A reader as an iterable that can be iterated over more than once."""

    def __init__(self, reader):
        self.reader = reader

    def __iter__(self):
        called = callable(self.reader) and not isinstance(self.reader, io.DataLoader)
        return iter(self.reader() if called else self.reader)
