"""`fluid.layers.io`: inputs of static graphs, out of scope; see `fluid.io.DataLoader`."""

from .._absent import absent

__getattr__ = absent(__name__)
