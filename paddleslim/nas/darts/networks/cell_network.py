"""The network of a genotype with a normal and a reduction cell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

import paddle
from paddle import nn

from paddleslim.kernels import usable

from ....common.checks import Count
from ....common.dygraph_mode import check_dygraph_mode
from ..genotype.genotype import Genotype
from ..search_space.layer_graph import compute, mean_of_pixels, run
from ..search_space.operations import batch_norm, conv
from .cell import DiscreteCell, draw_masks

__all__ = ["CellNetwork"]


class CellNetwork(nn.Layer):
    """`[N, in_channels, H, W]` images to `[N, num_classes]` logits through the cells of a genotype.

    The networks of DARTS (Liu et al., 2019, section 3.2), for small images and for those of ImageNet.

    Args:
        genotype: a `Genotype`.
        channels: channels of the first cells; doubled at the cells at 1/3 and 2/3 of the depth, which halve the size.
        num_classes: how many classes there are.
        layers: how many cells.
        in_channels: channels of the images.
        large_images: False for a stem of one convolution; True for one that divides the size by 8, for 224 pixels.
        auxiliary: True for a second classifier at 2/3 of the depth, which `forward_twice` returns too.
        builders: operations of one's own, see `make_operation`.

    Attributes:
        drop_path: probability with which an operation is left out for a sample, in training mode.

    Raises:
        TypeError: `genotype` is something else; `build_network` takes other kinds.
        ValueError: a size is below 1, or an operation is unknown.
    """

    def __init__(
        self,
        genotype: Genotype,
        channels: int = 36,
        num_classes: int = 10,
        layers: int = 20,
        in_channels: int = 3,
        large_images: bool = False,
        auxiliary: bool = False,
        builders: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        check_dygraph_mode()
        super().__init__()
        sizes = {"channels": channels, "num_classes": num_classes, "layers": layers, "in_channels": in_channels}
        for name, size in sizes.items():
            Count()(name, size)
        if not hasattr(genotype, "reduce_concat"):
            raise TypeError(f"genotype must be a Genotype, got {genotype!r}; build_network takes other kinds too")
        self._genotype, self.drop_path, self.large_images = genotype, 0.0, large_images
        self.auxiliary = None
        self.auxiliary_at = 2 * layers // 3
        self.stem, c_prev_prev, c_prev = build_stem(in_channels, channels, large_images)
        reduction_prev = large_images
        self.cells = nn.LayerList()
        for i in range(layers):
            reduction = i in (layers // 3, 2 * layers // 3)
            channels *= 2 if reduction else 1
            gene = (genotype.reduce, genotype.reduce_concat) if reduction else (genotype.normal, genotype.normal_concat)
            self.cells.append(DiscreteCell(*gene, c_prev_prev, c_prev, channels, reduction, reduction_prev, builders))
            reduction_prev, c_prev_prev, c_prev = reduction, c_prev, len(gene[1]) * channels
            if auxiliary and i == self.auxiliary_at:
                self.auxiliary = AuxiliaryHead(c_prev, num_classes, stride=2 if large_images else 3)
        self.classifier = nn.Linear(c_prev, num_classes)

    def genotype(self) -> Genotype:
        """Return the genotype this network was built from."""
        return self._genotype

    def forward(self, image: paddle.Tensor) -> paddle.Tensor:
        """Return the logits, `[N, num_classes]`."""
        return self.classifier(self._features(image, None)[0])

    def forward_twice(self, image: paddle.Tensor) -> tuple[paddle.Tensor, paddle.Tensor | None]:
        """Return the logits and those of the auxiliary classifier, None without one."""
        if self.auxiliary is None:
            return self(image), None
        features, others = self._features(image, self.auxiliary)
        return self.classifier(features), self.auxiliary.classifier(others)

    def _features(self, image: paddle.Tensor, auxiliary: AuxiliaryHead | None) -> list[paddle.Tensor]:
        """Return what the classifier reads, `[N, channels]`, and what an auxiliary one does.

        On the CPU the whole network is one program of the kernels; one with an operation of one's own is a program for
        each cell, and in a cell that holds one a program for each of the others.
        """
        masks, droppable = [], sum(cell.droppable for cell in self.cells)
        if self.drop_path and self.training and droppable and usable(image):
            masks = [draw_masks([image.shape[0], droppable], self.drop_path, image.dtype)]
        found = compute(self, [image], masks, (auxiliary is not None, droppable))
        if found is not None:
            return [features.flatten(1) for features in found]
        last, middle = self._run_cells(image)
        features = [mean_of_pixels(last)]
        if auxiliary is not None:
            features.append(mean_of_pixels(run(auxiliary.features, middle)))
        return features

    def describe(self, graph: Any, images: list[Any], factors: list[Any], twice: bool, droppable: int) -> list[Any]:
        """Return the features of both classifiers, or of one, in a graph; see `DiscreteCell.describe`."""
        s0 = graph(self.stem[0], *images)
        s1 = middle = graph(self.stem[1], s0)
        masked = 0
        for i, cell in enumerate(self.cells):
            s0, s1 = s1, cell.describe(graph, [s0, s1], factors, masked, droppable)
            masked += cell.droppable
            if i == self.auxiliary_at:
                middle = s1
        features = [graph.mean(s1)]
        if twice and self.auxiliary is not None:
            features.append(graph.mean(graph(self.auxiliary.features, middle)))
        return features

    def _run_cells(self, image: paddle.Tensor) -> tuple[paddle.Tensor, paddle.Tensor]:
        """Return what the last cell puts out, and the one at 2/3 of the depth."""
        s0 = run(self.stem[0], image)
        s1 = run(self.stem[1], s0)
        middle = s1
        for i, cell in enumerate(self.cells):
            s0, s1 = s1, cell(s0, s1, self.drop_path)
            if i == self.auxiliary_at:
                middle = s1
        return s1, middle


def build_stem(in_channels: int, channels: int, large_images: bool) -> tuple[nn.LayerList, int, int]:
    """Return two layers, one behind the other, and how many channels each puts out."""
    if not large_images:
        stem = nn.Sequential(conv(in_channels, 3 * channels, 3, padding=1), batch_norm(3 * channels))
        return nn.LayerList([stem, nn.Identity()]), 3 * channels, 3 * channels
    quarter = nn.Sequential(
        conv(in_channels, channels // 2, 3, stride=2, padding=1),
        batch_norm(channels // 2),
        nn.ReLU(),
        conv(channels // 2, channels, 3, stride=2, padding=1),
        batch_norm(channels),
    )
    eighth = nn.Sequential(nn.ReLU(), conv(channels, channels, 3, stride=2, padding=1), batch_norm(channels))
    return nn.LayerList([quarter, eighth]), channels, channels


class AuxiliaryHead(nn.Layer):
    """A classifier on `[N, channels, H, W]` for training alone; height and width must be at least 5 + stride.

    For the 8 x 8 states of CIFAR (stride 3) and the 7 x 7 ones of ImageNet (stride 2) it is the published one.
    """

    def __init__(self, channels: int, num_classes: int, stride: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.ReLU(),
            nn.AvgPool2D(5, stride, 0),
            conv(channels, 128, 1),
            batch_norm(128),
            nn.ReLU(),
            conv(128, 768, 2),
            batch_norm(768),
            nn.ReLU(),
        )
        self.classifier = nn.Linear(768, num_classes)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        return self.classifier(mean_of_pixels(self.features(x)))
