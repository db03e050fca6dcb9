"""`fluid.executor`: how programs were run; static graphs are out of scope."""

from ._absent import absent

__getattr__ = absent(__name__)
