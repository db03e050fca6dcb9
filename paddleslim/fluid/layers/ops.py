# ruff: noqa: F403 - the file that holds them
"""`fluid.layers.ops`: functions of one variable, element by element, among them the activations."""

from .._absent import absent
from .._functions import activations
from .._functions.activations import *

__all__ = [name for name in activations.__all__ if name != "append_activation"]
__getattr__ = absent(__name__)
