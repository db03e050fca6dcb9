"""Batches that other processes can take: tensors as arrays, and a pickle of all the rest, in the same containers."""

from __future__ import annotations

import collections
import io
import pickle
import sys
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import paddle

__all__ = [
    "SPARSE",
    "ArrayList",
    "SentTensor",
    "Slot",
    "Unsendable",
    "change_arrays",
    "change_parts",
    "dump_batch",
    "from_sent",
    "is_sparse",
    "load_batch",
    "make_tensors",
    "to_sendable",
]

# the types of numpy of which Paddle has tensors
TENSOR_TYPES = frozenset(
    "bool uint8 int8 int16 int32 int64 float16 float32 float64 complex64 complex128".split()  # as numpy calls them
)


class SentTensor(NamedTuple):
    """A tensor on its way: its values, those of bfloat16 as float32, and the name of its dtype."""

    values: np.ndarray
    dtype: str


class Unsendable:
    """Stands for an object that cannot be sent to another process.

    Args:
        type_name: the name of its type.
    """

    def __init__(self, type_name):
        self.type_name = type_name


class ArrayList(list):
    """A list that held arrays, not tensors, where a reader made it: one array, not several inputs."""


SPARSE = "sparse tensors"


def is_sparse(value):
    """Whether this is a tensor whose memory is no array; what reads an address ends the process at some of them."""
    return isinstance(value, paddle.Tensor) and not value.is_dense()


class Slot(NamedTuple):
    """Where, in a layout, an array belongs that is sent beside it; `number` is its place among those."""

    number: int


def to_sendable(batch):
    """Return `batch` with each tensor in it, nested or not, as a `SentTensor`."""
    if isinstance(batch, paddle.Tensor):
        dtype = str(batch.dtype).rpartition(".")[2]
        return SentTensor((batch.astype("float32") if dtype == "bfloat16" else batch).numpy(), dtype)
    return change_parts(batch, to_sendable)


def from_sent(batch):
    """Return what was given to `to_sendable`."""
    if isinstance(batch, SentTensor):
        return make_tensor(*batch)
    return change_parts(batch, from_sent)


def make_tensor(values, dtype):
    return paddle.to_tensor(values, dtype=dtype, place=paddle.CPUPlace())


def change_parts(batch, change):
    """Return a tuple, list or dictionary with `change` of each part; anything else as it is."""
    if type(batch) in (tuple, list, ArrayList):
        return type(batch)(change(part) for part in batch)
    if is_named(batch):
        return type(batch)(*map(change, batch))
    return {key: change(part) for key, part in batch.items()} if isinstance(batch, Mapping) else batch


def is_named(batch):
    """Whether this is a named tuple of the user's own."""
    return isinstance(batch, tuple) and hasattr(batch, "_fields") and not isinstance(batch, (SentTensor, Slot))


class BatchPickler(pickle.Pickler):
    """A pickler that knows tensors, and named tuples whose type has no name by which it could be imported."""

    def reducer_override(self, value):
        if is_sparse(value):
            raise TypeError("a sparse tensor cannot be sent")
        if isinstance(value, paddle.Tensor):
            return make_tensor, tuple(to_sendable(value))
        if is_named(value) and not can_import(type(value)):
            return make_named, (type(value).__name__, value._fields, tuple(value))
        return NotImplemented


def can_import(kind):
    found = sys.modules.get(kind.__module__)
    for name in kind.__qualname__.split("."):
        found = getattr(found, name, None)
    return found is kind


def make_named(name, fields, parts):
    return collections.namedtuple(name, fields)(*parts)


def dump_batch(batch):
    """Return a pickle of anything; what cannot be sent is an `Unsendable` in it."""
    try:
        return dump(batch)
    except Exception:  # whatever a type of the user's own raises
        return dump(replace_unsendable(batch))


def dump(value):
    file = io.BytesIO()
    BatchPickler(file, pickle.HIGHEST_PROTOCOL).dump(value)
    return file.getvalue()


def replace_unsendable(batch):
    if type(batch) in (tuple, list, dict, ArrayList) or is_named(batch):
        return change_parts(batch, replace_unsendable)
    try:
        dump(batch)
    except Exception:
        return Unsendable(SPARSE if is_sparse(batch) else type(batch).__name__)
    return batch


load_batch = pickle.loads


def make_tensors(batch):
    """Return a batch as a `DataLoader` gives it out: arrays as tensors, in the containers that `collate_fn` made.

    What Paddle has no tensors of stays an array. A list of arrays inside of a batch becomes an `ArrayList`.
    """
    return change_arrays(batch, lambda array: array if isinstance(array, paddle.Tensor) else paddle.to_tensor(array))


def change_arrays(batch, make, inside=False):
    """Return `batch` with `make` of its tensors and of those arrays that could be tensors; masked ones could not."""
    if isinstance(batch, paddle.Tensor):
        return batch if is_sparse(batch) else make(batch)
    if isinstance(batch, np.ndarray) and not isinstance(batch, np.ma.MaskedArray):
        batch = batch.astype(batch.dtype.newbyteorder("="), copy=False)
        return make(batch) if batch.dtype.name in TENSOR_TYPES else batch
    parts = change_parts(batch, lambda part: change_arrays(part, make, inside=True))
    return ArrayList(parts) if inside and is_array_list(batch) else parts


def is_array_list(batch):
    return (
        type(batch) is list
        and any(isinstance(part, np.ndarray) for part in batch)
        and not any(isinstance(part, paddle.Tensor) for part in batch)
    )
