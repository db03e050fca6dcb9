"""`fluid.layers.rnn`: recurrence was a matter of static graphs; in dygraph there is `GRUUnit`."""

from .._absent import absent
from ._shape import gather_tree

__all__ = ["gather_tree"]
__getattr__ = absent(__name__)
