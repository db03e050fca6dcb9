"""`fluid.dygraph.backward_strategy`: an argument of `Variable.backward`."""

from ..core import BackwardStrategy

__all__ = ["BackwardStrategy"]
