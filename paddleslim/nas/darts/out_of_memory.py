"""What to do when memory runs out."""

from __future__ import annotations

import contextlib

__all__ = ["explained_memory"]

SIGNS = ("out of memory", "resourceexhausted", "fail to alloc", "cannot allocate", "bad_alloc")


@contextlib.contextmanager
def explained_memory(batchsize):
    """Turn an exception for want of memory into a MemoryError that says what helps."""
    try:
        yield
    except (MemoryError, RuntimeError, OSError) as error:
        text = f"{type(error).__name__} {error}".lower()
        if not isinstance(error, MemoryError) and not any(sign in text for sign in SIGNS):
            raise
        raise MemoryError(
            f"the device has not enough memory for this search; give a smaller batch (batchsize is {batchsize}), "
            "turn on recomputation of the cells, or mixed precision"
        ) from error
