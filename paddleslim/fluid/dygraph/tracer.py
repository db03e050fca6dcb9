"""`fluid.dygraph.tracer`: the tracer, of which the training mode is left."""

from .._absent import absent
from .._tracer import Tracer

__all__ = ["Tracer"]
__getattr__ = absent(__name__)
