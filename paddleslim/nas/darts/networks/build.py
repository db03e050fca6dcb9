"""From a genotype to its network."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ....common.checks import check_image_shape
from ..genotype.known import as_genotype
from ..genotype.nas_bench_201 import NASBench201Genotype
from .cell_network import CellNetwork
from .nas_bench_201 import NASBench201Network

__all__ = ["NetworkSize", "build_network"]

# Pixels that leave 8 (small images) or 7 at 2/3 of the depth, after two or five halvings, each rounded up.
AUXILIARY_NEEDS = {False: 29, True: 193}


@dataclasses.dataclass(frozen=True)
class NetworkSize:
    """What a `RetrainSettings` says of the network itself.

    Attributes:
        channels: of the first cell.
        layers: cells of the network; of each of the three stages for NAS-Bench-201.
        auxiliary_weight: above 0 for an auxiliary tower.
        large_images: whether the stem is that of ImageNet.
    """

    channels: int = 16
    layers: int = 5
    auxiliary_weight: float = 0.0
    large_images: bool = False


def build_network(
    genotype: Any,
    image_shape: Sequence[int],
    num_classes: int,
    settings: Any = None,
    builders: Mapping[str, Callable[..., Any]] | None = None,
) -> CellNetwork | NASBench201Network:
    """Return the discrete network of a genotype.

    Args:
        genotype: a `Genotype`, or the string of a NAS-Bench-201 cell.
        image_shape: `[channels, height, width]` of the images.
        num_classes: how many classes there are.
        settings: a `RetrainSettings` or `NetworkSize`: channels, layers, stem and auxiliary tower; a small one if
            None.
        builders: operations of one's own, see `make_operation`.

    Raises:
        TypeError: `settings` is something else.
        ValueError: the genotype is none or names an unknown operation, a size is below 1, or the images are too small
            for the auxiliary tower.

    Example:
        >>> network = build_network(DARTS_V2, [3, 32, 32], num_classes=10)
        >>> network(paddle.randn([2, 3, 32, 32])).shape
        [2, 10]
    """
    settings = settings or NetworkSize()
    if not hasattr(settings, "auxiliary_weight"):
        raise TypeError(f"settings must be a RetrainSettings, such as RetrainSettings(channels=16), got {settings!r}")
    check_image_shape(image_shape)
    sizes = (settings.channels, num_classes, settings.layers, image_shape[0])
    genotype = as_genotype(genotype)
    if isinstance(genotype, NASBench201Genotype):
        return NASBench201Network(genotype, *sizes)
    auxiliary = settings.auxiliary_weight > 0
    smallest = AUXILIARY_NEEDS[settings.large_images]
    if auxiliary and min(image_shape[1:]) < smallest:
        raise ValueError(
            f"auxiliary_weight is {settings.auxiliary_weight}, but the auxiliary tower needs images of at least "
            f"{smallest} pixels, they have {min(image_shape[1:])}; set auxiliary_weight to 0"
        )
    return CellNetwork(genotype, *sizes, settings.large_images, auxiliary, builders)
