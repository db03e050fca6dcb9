"""NAS-Bench-201 as a search space."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..genotype.nas_bench_201 import NODES, OPERATIONS, NASBench201Genotype

__all__ = ["NASBench201Space"]


class NASBench201Space:
    """The 15,625 cells of NAS-Bench-201 (Dong and Yang, 2020); its methods are those of `CellSpace`.

    A genotype is the benchmark's string.

    Args:
        name: what runs and messages call it.
        nodes: nodes of a cell, its input among them, whatever `steps` says.
        reduction: the block between two stages, see `NASBench201Supernet`.
    """

    operations = OPERATIONS
    builders: dict[str, Any] = {}

    def __init__(self, name: str = "nas-bench-201", nodes: int = NODES, reduction: str = "residual") -> None:
        self.name, self.nodes, self.reduction = name, nodes, reduction

    def __repr__(self) -> str:
        return f"NASBench201Space({self.name!r}: cells of {self.nodes} nodes)"

    def build_supernet(
        self,
        channels: int,
        num_classes: int,
        layers: int,
        in_channels: int,
        steps: int | None = None,
        auxiliary_skip: bool = False,
    ) -> Any:
        """Return a `NASBench201Supernet` with `layers` cells in each of its three stages.

        Its edges have stride 1, so that an auxiliary skip connection is the identity they have anyway: none is added.
        """
        from .nas_bench_201 import NASBench201Supernet

        return NASBench201Supernet(
            channels, num_classes, layers, in_channels, nodes=self.nodes, reduction=self.reduction
        )

    def draw_genotype(self, seed: int, steps: int | None = None) -> str:
        """Return one of the strings, each equally likely; it depends on `seed` alone."""
        rng = np.random.default_rng(seed)
        names = [[OPERATIONS[rng.integers(len(OPERATIONS))] for _ in range(node)] for node in range(1, self.nodes)]
        return NASBench201Genotype.of(names)
