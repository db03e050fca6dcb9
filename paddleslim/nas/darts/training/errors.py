"""What goes wrong outside this library, said so that it can be mended."""

from __future__ import annotations

import contextlib
import re

from ..data.processes import worker_pids
from ..data.readers import ReaderError

__all__ = ["clear_errors"]

MEMORY_SIGNS = ("out of memory", "resourceexhausted", "fail to alloc", "cannot allocate", "bad_alloc")


@contextlib.contextmanager
def clear_errors(loaders, batch_hint):
    """Turn errors of Paddle inside into ones that name their cause and what to do; all others pass.

    Args:
        loaders: the `BatchLoader` objects whose workers may die.
        batch_hint: how large a batch is, for the message, such as "batchsize is 64".
    """
    try:
        yield
    except (MemoryError, RuntimeError, OSError, SystemError, ValueError) as error:
        clear = blame_worker(error, loaders) or blame_memory(error, batch_hint) or blame_adjoint(error)
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


def blame_worker(error, loaders):
    """Return a ReaderError if `error` is Paddle's, of a `DataLoader`'s worker process that died; None if not.

    Paddle raises it wherever the program happens to be.
    """
    match = re.search(r"DataLoader process \(pid\s+(\d+)\) (.*?)\.? *\(at", str(error), re.DOTALL)
    if not isinstance(error, SystemError) or not match:
        return None
    names = [loader.name for loader in loaders if int(match[1]) in worker_pids(loader.iterator)]
    return ReaderError(f"{names[0] if names else 'a reader'} failed: its worker process {match[1]} {match[2]}")
