"""NAS-Bench-201 as a search space."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..genotype.nas_bench_201 import NODES, OPERATIONS
from .nas_bench_201 import NASBench201Supernet

__all__ = ["NASBench201Space"]


class NASBench201Space:
    """The 15,625 cells of NAS-Bench-201 (Dong and Yang, 2020); its methods are those of `CellSpace`.

    A genotype is the benchmark's string. Cells have four nodes, whatever `steps` says.
    """

    name = "nas-bench-201"
    operations = OPERATIONS
    builders: dict[str, Any] = {}

    def build_supernet(self, channels, num_classes, layers, in_channels, steps=None):
        """Return a `NASBench201Supernet` with `layers` cells in each of its three stages."""
        return NASBench201Supernet(channels, num_classes, layers, in_channels)

    def draw_genotype(self, seed, steps=None):
        """Return one of the 15,625 strings, each equally likely; it depends on `seed` alone."""
        rng = np.random.default_rng(seed)
        names = [[OPERATIONS[rng.integers(len(OPERATIONS))] for _ in range(node)] for node in range(1, NODES)]
        return "+".join("|" + "".join(f"{name}~{source}|" for source, name in enumerate(node)) for node in names)
