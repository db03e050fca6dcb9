"""The network of a NAS-Bench-201 genotype."""

from __future__ import annotations

from typing import Any

import paddle
from paddle import nn

from ....common.dygraph_mode import check_dygraph_mode
from ..genotype.nas_bench_201 import NODES, parse_architecture
from ..search_space.layer_graph import compute, mean_of_pixels, run
from ..search_space.operations import batch_norm, build_operation, conv
from ..search_space.reductions import find_reduction

__all__ = ["NASBench201Network"]


class NASBench201Network(nn.Layer):
    """`[N, in_channels, H, W]` images to `[N, num_classes]` logits, as in NAS-Bench-201 (Dong and Yang, 2020).

    Args:
        genotype: the benchmark's string.
        channels: of the first stage; doubled twice.
        num_classes: how many classes there are.
        layers: cells in each of the three stages, 5 in the benchmark.
        in_channels: channels of the images.
        nodes: nodes of a cell, its input among them; 4 in the benchmark.
        reduction: the block between two stages, 'residual' as in the benchmark or 'pool', see `PoolReduction`.

    Raises:
        ValueError: the genotype is none of such cells, or the reduction is unknown.
    """

    auxiliary = None
    drop_path = 0.0

    def __init__(
        self,
        genotype: str,
        channels: int = 16,
        num_classes: int = 10,
        layers: int = 5,
        in_channels: int = 3,
        nodes: int = NODES,
        reduction: str = "residual",
    ) -> None:
        check_dygraph_mode()
        super().__init__()
        self._genotype = genotype
        cell, block = parse_architecture(genotype, nodes), find_reduction(reduction)
        self.stem = nn.Sequential(conv(in_channels, channels, 3, padding=1), batch_norm(channels))
        body = [FixedCell(cell, channels) for _ in range(layers)]
        for stage in (1, 2):
            body.append(block(channels * 2 ** (stage - 1)))
            body += [FixedCell(cell, channels * 2**stage) for _ in range(layers)]
        self.cells = nn.LayerList(body)
        self.last = nn.Sequential(batch_norm(4 * channels), nn.ReLU())
        self.classifier = nn.Linear(4 * channels, num_classes)

    def genotype(self) -> str:
        """Return the genotype this network was built from."""
        return self._genotype

    def forward(self, image: paddle.Tensor) -> paddle.Tensor:
        """Return the logits, `[N, num_classes]`."""
        found = compute(self, [image])
        if found is not None:
            return self.classifier(found[0].flatten(1))
        x = run(self.stem, image)
        for cell in self.cells:
            x = run(cell, x)
        return self.classifier(mean_of_pixels(run(self.last, x)))

    def describe(self, graph: Any, images: list[Any], factors: list[Any]) -> Any:
        """Return what the classifier reads, in a graph: on the CPU the whole network is one program of the kernels."""
        x = graph(self.stem, *images)
        for cell in self.cells:
            x = graph(cell, x)
        return graph.mean(graph(self.last, x))

    def forward_twice(self, image: paddle.Tensor) -> tuple[paddle.Tensor, None]:
        """Return the logits and None, for there is no auxiliary classifier."""
        return self.forward(image), None


class FixedCell(nn.Layer):
    """A cell; its first node is the input, each other one the sum of its edges, the last the output."""

    def __init__(self, nodes: list[list[str]], channels: int) -> None:
        super().__init__()
        self.nodes = nn.LayerList(nn.LayerList(build(name, channels) for name in node) for node in nodes)

    def forward(self, x: paddle.Tensor) -> paddle.Tensor:
        states = [x]
        for node in self.nodes:
            states.append(paddle.add_n([operation(state) for operation, state in zip(node, states)]))
        return states[-1]

    def describe(self, graph: Any, images: list[Any], factors: list[Any]) -> Any:
        states = [*images]
        for node in self.nodes:
            states.append(graph.sum([graph(operation, state) for operation, state in zip(node, states)]))
        return states[-1]


def build(name: str, channels: int) -> nn.Layer:
    if name in ("none", "skip_connect", "avg_pool_3x3"):
        return build_operation(name, channels, 1)
    size = int(name[-1])
    return nn.Sequential(nn.ReLU(), conv(channels, channels, size, padding=size // 2), batch_norm(channels))
