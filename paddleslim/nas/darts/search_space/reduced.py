"""The reduced spaces in which DARTS collapses (Zela et al., Understanding and Robustifying DARTS, 2020, section 3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .cell_space import CellSpace

__all__ = ["S2", "S3", "S4", "make_s1"]


def build_noise(channels: int, stride: int, affine: bool) -> Any:
    from .noise import Noise

    return Noise(stride)


def make_s1(normal: Sequence[Sequence[str]], reduce: Sequence[Sequence[str]]) -> CellSpace:
    """Return the space S1 (Zela et al., 2020, section 3): two operations on each edge, in cells of four nodes.

    The paper takes the two that a search left strongest; its table is in the authors' code and is not part of this
    library, so give your own or theirs.

    Args:
        normal, reduce: 14 lists of operations, ordered by the state an edge ends in and then by its source.

    Raises:
        ValueError: there is no operation other than 'none'. A wrong number of lists is refused when a supernet is
            built.
    """
    operations = sorted({name for edges in (normal, reduce) for names in edges for name in names})
    return CellSpace("s1", operations, edges={"normal": normal, "reduce": reduce})


S2 = CellSpace("s2", ["skip_connect", "sep_conv_3x3"])
S3 = CellSpace("s3", ["none", "skip_connect", "sep_conv_3x3"])
S4 = CellSpace("s4", {"noise": build_noise, "sep_conv_3x3": None})
