"""`fluid.layer_helper`: how operators entered static graphs; out of scope."""

from ._absent import absent

__getattr__ = absent(__name__)
