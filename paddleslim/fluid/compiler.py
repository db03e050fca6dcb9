"""`fluid.compiler`: how programs were compiled; static graphs are out of scope."""

from ._absent import absent

__getattr__ = absent(__name__)
