"""`fluid.dygraph.backward_strategy`: an argument of `Variable.backward`."""

from .._absent import absent
from ..core import BackwardStrategy

__all__ = ["BackwardStrategy"]
__getattr__ = absent(__name__)
