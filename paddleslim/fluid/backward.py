"""`fluid.backward`: gradients of static graphs, out of scope; see `Variable.backward` and `fluid.dygraph.grad`."""

from ._absent import absent

__getattr__ = absent(__name__)
