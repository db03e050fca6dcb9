"""`fluid.contrib.layers`: two recurrent layers."""

from ..._absent import absent
from . import rnn_impl
from .rnn_impl import BasicGRUUnit, BasicLSTMUnit

__all__ = ["BasicGRUUnit", "BasicLSTMUnit", "rnn_impl"]
__getattr__ = absent(__name__)
