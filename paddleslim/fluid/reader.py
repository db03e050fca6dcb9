"""`fluid.reader`: batches of a Python generator as lists of variables."""

from __future__ import annotations

import queue
import threading

import numpy as np
import paddle

from ._absent import absent
from .dygraph.base import to_variable

__all__ = ["DataLoader", "PyReader"]

END = object()


class DataLoader(paddle.io.DataLoader):
    """Today's `paddle.io.DataLoader` for datasets, and fluid's `from_generator` for generators."""

    @staticmethod
    def from_generator(
        feed_list=None,
        capacity=None,
        use_double_buffer=True,
        iterable=True,
        return_list=False,
        use_multiprocess=False,
        drop_last=True,
    ):
        """Return a loader that reads ahead in a thread, up to `capacity` batches.

        The other arguments are accepted: in dygraph a loader is iterable and returns lists whatever they say, and
        the thread takes the place of a process.
        """
        return GeneratorLoader(capacity)


class GeneratorLoader:
    """Iterates over the batches of a reader; one of the three setters says what the reader yields.

    Args:
        capacity: how many batches to read ahead, at least 1.
    """

    def __init__(self, capacity):
        if not capacity:
            raise ValueError("capacity must be given: how many batches to read ahead, such as 8")
        self.capacity = int(capacity)
        self.batches = None

    def set_sample_generator(self, reader, batch_size, drop_last=True, places=None):
        """Let `reader()` yield samples, tuples of arrays; return the loader."""
        return self.set_sample_list_generator(paddle.batch(lambda: map(as_tuple, reader()), batch_size, drop_last))

    def set_sample_list_generator(self, reader, places=None):
        """Let `reader()` yield lists of samples, as `paddle.batch` makes them; return the loader."""
        return self.set_batch_generator(lambda: (stack_samples(samples) for samples in reader()))

    def set_batch_generator(self, reader, places=None):
        """Let `reader()` yield batches, lists of arrays; return the loader."""
        self.batches = reader
        return self

    def __iter__(self):
        if self.batches is None:
            raise ValueError("the loader has no reader yet; call set_batch_generator or one of its sisters")
        for batch in read_ahead(self.batches, self.capacity):
            yield [
                to_variable(field) if isinstance(field, paddle.Tensor) else to_variable(np.array(field))
                for field in batch
            ]

    def __call__(self):
        return iter(self)


class PyReader(GeneratorLoader):
    """The older name of a loader, with `decorate_...` for `set_...`."""

    def __init__(self, feed_list=None, capacity=None, use_double_buffer=True, iterable=True, return_list=False):
        super().__init__(capacity)

    decorate_sample_generator = GeneratorLoader.set_sample_generator
    decorate_sample_list_generator = GeneratorLoader.set_sample_list_generator
    decorate_batch_generator = GeneratorLoader.set_batch_generator


def as_tuple(sample):
    """Return a sample of one field as a tuple of it."""
    return sample if isinstance(sample, (list, tuple)) else (sample,)


def stack_samples(samples):
    """Return one array for each field of a list of samples."""
    return [np.array(field) for field in zip(*map(as_tuple, samples))]


def read_ahead(reader, capacity):
    """Yield what `reader()` yields, read by a thread that is at most `capacity` items ahead.

    An exception in the reader is raised here. When the loop is left early the thread ends too.
    """
    items: queue.Queue = queue.Queue(capacity)
    left = threading.Event()

    def put(item):
        while not left.is_set():
            try:
                return items.put(item, timeout=0.1)
            except queue.Full:
                continue

    def read():
        try:
            for item in reader():
                put((item, None))
                if left.is_set():
                    return
            put((END, None))
        except BaseException as error:
            put((END, error))

    threading.Thread(target=read, daemon=True).start()
    try:
        while True:
            item, error = items.get()
            if error is not None:
                raise error
            if item is END:
                return
            yield item
    finally:
        left.set()


__getattr__ = absent(__name__)
