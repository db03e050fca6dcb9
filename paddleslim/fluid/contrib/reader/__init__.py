"""`fluid.contrib.reader`: a reader for several processes."""

from . import distributed_reader
from .distributed_reader import distributed_batch_reader

__all__ = ["distributed_batch_reader", "distributed_reader"]
