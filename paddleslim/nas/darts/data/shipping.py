"""What arrives of a batch that a worker process sends: all that it held, in the containers in which it was.

Paddle's workers hand arrays over in shared memory, which takes no texts, dates, objects, structured or empty arrays and
ends the worker at some of them; and they forget what was a tuple. So a worker sends the arrays that the shared memory
takes, and beside them one pickle, the layout, with all the rest.
"""

from __future__ import annotations

import contextlib

import numpy as np
import paddle

from .processes import WorkerError, describe_failure
from .sendable import Slot, change_arrays, change_parts, dump_batch, load_batch

__all__ = ["FromWorkers", "Shippable"]


class Layout:
    """The pickle of a batch in which `Slot` objects stand for the arrays that are sent beside it.

    Paddle takes an object of no known kind as it is.
    """

    def __init__(self, content):
        self.content = content


class Failure:
    """Stands for a sample that could not be made; `text` says why."""

    def __init__(self, error):
        self.text = describe_failure(error)


class Guarded:
    """A data set, an exception of which is a `Failure` in the place of the sample; its attributes are the data set's.

    Paddle ends a worker at an exception, with the batches that it has made before, and does not say which one it was.
    """

    def __init__(self, dataset):
        vars(self)["guarded"] = dataset

    def __getattr__(self, name):
        if name == "guarded":  # not made yet
            raise AttributeError(name)
        return getattr(self.guarded, name)

    def __setattr__(self, name, value):
        setattr(self.guarded, name, value)  # as a `worker_init_fn` may, for the share of its worker

    def __len__(self):
        return len(self.guarded)


class GuardedSamples(Guarded, paddle.io.Dataset):
    """Samples by their numbers."""

    def __getitem__(self, index):
        try:
            return self.guarded[index]
        except Exception as error:
            return Failure(error)


class GuardedStream(Guarded, paddle.io.IterableDataset):
    """Samples one after the other."""

    def __iter__(self):
        try:
            yield from self.guarded
        except Exception as error:
            yield Failure(error)


def guard(dataset):
    return (GuardedStream if isinstance(dataset, paddle.io.IterableDataset) else GuardedSamples)(dataset)


class Shippable:
    """A `collate_fn` of a `DataLoader` whose batches Paddle can send from a worker process, for `FromWorkers`.

    Args:
        then: the one that makes the batch.
    """

    def __init__(self, then):
        self.then = then

    def __call__(self, samples):
        failed = [sample for sample in (samples if isinstance(samples, list) else [samples]) if type(sample) is Failure]
        if failed:
            return ship(failed[0])
        try:
            return ship(self.then(samples))
        except Exception as error:
            return ship(Failure(error))


def ship(batch):
    """Return a list of the arrays of a batch that Paddle's shared memory takes, and the `Layout` of all."""
    arrays = []

    def place(array):
        values = array.numpy() if isinstance(array, paddle.Tensor) else array
        if not values.size or not values.shape or "bfloat16" in str(array.dtype):
            return array if isinstance(array, paddle.Tensor) else paddle.to_tensor(array)  # which is pickled
        arrays.append(values)
        return Slot(len(arrays) - 1)

    layout = Layout(dump_batch(change_arrays(batch, place)))
    return [*(arrays or [np.zeros(1, "float32")]), layout]  # for Paddle waits for at least one array


def receive(sent):
    """Return the batch that was given to `ship`."""
    *tensors, layout = sent

    def fill(part):
        return tensors[part.number] if isinstance(part, Slot) else change_parts(part, fill)

    return fill(load_batch(layout.content))


class FromWorkers:
    """Iterate over the batches that the worker processes of a `DataLoader` make.

    Args:
        loader: the `DataLoader`.
        start: function of it that begins an iteration, `DataLoader.__iter__`.
        collate: the function that makes batches of samples.
        begin_worker: the `worker_init_fn`.
    """

    def __init__(self, loader, start, collate, begin_worker):
        own = {"collate_fn": Shippable(collate), "worker_init_fn": begin_worker, "dataset": guard(loader.dataset)}
        with replaced(loader, _persistent_workers=False, **own):
            self.iterator = start(loader)

    def __iter__(self):
        return self

    def __next__(self):
        batch = receive(next(self.iterator))
        if isinstance(batch, Failure):
            raise WorkerError(batch.text)
        return batch

    @property
    def workers(self):
        return getattr(self.iterator, "_workers", [])

    def close(self):
        self.iterator._try_shutdown_all()

    def abandon(self):
        """End workers that give no batch, so that `close` need not wait for them."""
        paddle.base.core._erase_process_pids(id(self.iterator))  # or Paddle raises an error when it misses them
        for worker in self.workers:
            worker.kill()


@contextlib.contextmanager
def replaced(thing, **values):
    """Let attributes of `thing` have other values inside."""
    before = {name: getattr(thing, name, None) for name in values}
    vars(thing).update(values)
    try:
        yield
    finally:
        vars(thing).update(before)
