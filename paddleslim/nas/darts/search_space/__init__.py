"""Search spaces: candidate operations, cells and the supernets that hold them."""

from .convert import from_plain, to_plain
from .darts import DARTSSupernet
from .operations import PRIMITIVES
from .pc_darts import PCDARTSSupernet

__all__ = ["PRIMITIVES", "DARTSSupernet", "PCDARTSSupernet", "from_plain", "to_plain"]
