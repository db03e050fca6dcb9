"""What goes wrong outside this library, said so that it can be mended."""

from __future__ import annotations

import contextlib
import re

import numpy as np

from ..data.batch import list_tensors
from ..data.processes import worker_pids
from ..data.readers import ReaderError

__all__ = ["clear_errors"]

LABEL_SIGNS = (  # of Paddle's cross entropy and negative log-likelihood, which other operators do not write
    r"label value should (?:less than|>= 0).*?label value\((-?\d+)\) not equal to ignore_index\((-?\d+)\)",
    r"label should not be out of bounds",
)
CLASSES = r"shape of axis dimension is (\d+)"
MEMORY_SIGNS = (
    "out of memory", "resourceexhausted", "fail to alloc", "cannot allocate", "bad_alloc",
    "failed to map segment from shared object)",  # of the library for products, which Paddle loads with the first one
)  # fmt: skip


@contextlib.contextmanager
def clear_errors(loaders, batch_hint):
    """Turn errors of Paddle inside into ones that name their cause and what to do; all others pass.

    Args:
        loaders: the `BatchLoader` objects whose workers may die.
        batch_hint: how large a batch is, for the message, such as "batchsize is 64".
    """
    try:
        yield
    except (MemoryError, RuntimeError, OSError, SystemError, ValueError, IndexError) as error:
        clear = (
            blame_worker(error, loaders)
            or blame_memory(error, batch_hint)
            or blame_adjoint(error)
            or blame_label(error, loaders)
        )
        if clear is None:
            raise
        raise clear from error
    finally:
        for loader in loaders:
            loader.close()


def blame_memory(error, batch_hint):
    """Return a MemoryError that says what helps if memory ran out; None if not."""
    text = f"{type(error).__name__} {error}".lower()
    if not isinstance(error, MemoryError) and not any(sign in text for sign in MEMORY_SIGNS):
        return None
    return MemoryError(
        f"the device has not enough memory for this; give a smaller batch ({batch_hint}), turn on "
        "recomputation (recompute=True of the supernets here), or on a GPU mixed precision (amp='bfloat16')"
    )


def blame_adjoint(error):
    """Return a RuntimeError if Paddle missed a gradient that nobody asked for; None if `error` is another one."""
    if "Required tensor shall not be nullptr" not in str(error):
        return None
    return RuntimeError(
        "an operator of Paddle in the loss, as in HSigmoidLoss and AdaptiveLogSoftmaxWithLoss, makes the gradients of "
        "all of its inputs or none, and a step on the alphas asks for theirs alone; use another loss there, such as "
        "the cross entropy of all classes, class_center_sample or fluid's NCE"
    )


def blame_label(error, loaders):
    """Return a ValueError that names the label which Paddle's loss takes for no class; None if `error` is another one.

    A criterion of the user's own may take any label, so none is checked before.
    """
    found = next((match for match in (re.search(sign, str(error), re.DOTALL) for sign in LABEL_SIGNS) if match), None)
    if found is None:
        return None
    value, ignored = found.groups() if found.groups() else (None, None)
    classes = re.search(CLASSES, str(error))
    range_of = f"at least 0 and below {classes[1]}, the number of classes of the outputs" if classes else "at least 0"
    if value is None:
        range_of += " and below the number of classes of the outputs"
    holders = [loader for loader in loaders if value is not None and holds_label(loader, int(value))]
    where = f"{holders[0].name}, batch {holders[0].taken - 1}: " if holders else ""
    return ValueError(
        f"{where}the labels of the cross entropy must be {range_of}"
        + (f", or {ignored}, which it ignores, got {value}" if value is not None else "")
        + "; number the classes from 0 on, give the network an output for each, or give the value of samples that are "
        "no class as ignore_index"
    )


def holds_label(loader, value):
    """Whether the label of the latest batch of a loader holds a whole number."""
    tensors = list_tensors(loader.last[1]) if len(loader.last) > 1 else []
    return any("int" in str(tensor.dtype) and bool(np.any(tensor.numpy() == value)) for tensor in tensors)


def blame_worker(error, loaders):
    """Return a ReaderError if `error` is Paddle's, of a `DataLoader`'s worker process that died; None if not.

    Paddle raises it wherever the program happens to be.
    """
    match = re.search(r"DataLoader process \(pid\s+(\d+)\) (.*?)\.? *\(at", str(error), re.DOTALL)
    if not isinstance(error, SystemError) or not match:
        return None
    names = [loader.name for loader in loaders if int(match[1]) in worker_pids(loader.iterator)]
    return ReaderError(f"{names[0] if names else 'a reader'} failed: its worker process {match[1]} {match[2]}")
