"""The search spaces by name."""

from __future__ import annotations

from typing import Any

from .cell_space import CellSpace
from .nas_bench_201_space import NASBench201Space
from .primitives import PRIMITIVES
from .reduced import S2, S3, S4

__all__ = ["SPACES"]


def build_pc_darts(*sizes, **further):
    from .pc_darts import PCDARTSSupernet

    return PCDARTSSupernet(*sizes, **further)


DARTS = CellSpace("darts", PRIMITIVES)
PC_DARTS = CellSpace("pc-darts", PRIMITIVES, supernet=build_pc_darts)
SPACES: dict[str, Any] = {space.name: space for space in (DARTS, PC_DARTS, NASBench201Space(), S2, S3, S4)}
