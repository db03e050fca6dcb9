"""Search spaces: candidate operations, cells and the supernets that hold them."""

from .darts import DARTSSupernet
from .operations import PRIMITIVES

__all__ = ["PRIMITIVES", "DARTSSupernet"]
