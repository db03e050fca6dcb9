"""`fluid.io`: readers and loaders of data."""

from __future__ import annotations

from paddle import batch
from paddle.reader import (
    ComposeNotAligned,
    buffered,
    cache,
    chain,
    compose,
    firstn,
    map_readers,
    multiprocess_reader,
    shuffle,
    xmap_readers,
)

from ._absent import absent
from ._variables import is_persistable, load_vars
from .dataloader import BatchSampler, Dataset
from .reader import DataLoader, PyReader

__all__ = [
    "BatchSampler",
    "ComposeNotAligned",
    "DataLoader",
    "Dataset",
    "PyReader",
    "batch",
    "buffered",
    "cache",
    "chain",
    "compose",
    "firstn",
    "is_persistable",
    "load_vars",
    "map_readers",
    "multiprocess_reader",
    "shuffle",
    "xmap_readers",
]
__getattr__ = absent(__name__)
