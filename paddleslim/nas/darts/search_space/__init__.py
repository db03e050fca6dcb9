"""Search spaces: candidate operations, cells and the supernets that hold them."""

from typing import TYPE_CHECKING

from ....lazy import lazy_names

if TYPE_CHECKING:
    from .catalogue import SPACES
    from .cell_space import CellSpace
    from .convert import from_per_edge, to_per_edge
    from .darts import DARTSSupernet
    from .nas_bench_201 import NASBench201Supernet
    from .operations import PRIMITIVES
    from .pc_darts import PCDARTSSupernet
    from .recompute import recompute_cells, recomputed
    from .reduced import S2, S3, S4, make_s1

__all__ = [
    "PRIMITIVES",
    "S2",
    "S3",
    "S4",
    "SPACES",
    "CellSpace",
    "DARTSSupernet",
    "NASBench201Supernet",
    "PCDARTSSupernet",
    "from_per_edge",
    "make_s1",
    "recompute_cells",
    "recomputed",
    "to_per_edge",
]

__getattr__, __dir__ = lazy_names(__name__)
