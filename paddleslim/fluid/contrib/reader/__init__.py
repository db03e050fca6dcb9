"""`fluid.contrib.reader`: a reader for several processes."""

from ..._absent import absent
from . import distributed_reader
from .distributed_reader import distributed_batch_reader

__all__ = ["distributed_batch_reader", "distributed_reader"]
__getattr__ = absent(__name__)
