"""`fluid.contrib`: the distributed reader and two recurrent layers."""

from .._absent import absent
from . import layers, reader
from .layers import BasicGRUUnit, BasicLSTMUnit
from .reader import distributed_batch_reader

__all__ = ["BasicGRUUnit", "BasicLSTMUnit", "distributed_batch_reader", "layers", "reader"]
__getattr__ = absent(__name__)
