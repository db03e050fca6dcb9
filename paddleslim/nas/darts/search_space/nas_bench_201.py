"""The supernet of NAS-Bench-201: one cell, of four nodes there, repeated in three stages (Dong and Yang, 2020)."""

from __future__ import annotations

from functools import cache
from typing import Any

import paddle
from paddle import nn
from paddle.nn import functional as F

from paddleslim.kernels import avg_pool2d

from ..genotype.nas_bench_201 import NODES, OPERATIONS, NASBench201Genotype
from .darts import check_sizes
from .layer_graph import compute, mean_of_pixels, run
from .loss_hook import LossByCriterion
from .mixture_factors import gather, make_indices
from .mixture_hook import softmax_mixture
from .operation_weights import operation_weights_of_nas_bench_201
from .operations import batch_norm, conv
from .operator_path import Sums, joined, norm
from .recompute import recomputed
from .reductions import find_reduction
from .sampled import live_operations

__all__ = ["NASBench201Supernet", "SearchCell"]


class NASBench201Supernet(LossByCriterion):
    """`[N, in_channels, H, W]` images to `[N, num_classes]` logits; every edge mixes the benchmark's five operations.

    The cells share one matrix of alphas, `[edges, 5]`, whose rows are the edges 0→1, 0→2, 1→2, 0→3, 1→3, 2→3.

    Args:
        channels: of the first stage; doubled twice.
        num_classes: how many classes there are.
        layers: cells in each of the three stages, 5 in the benchmark.
        in_channels: channels of the images, which may have any height and width.
        recompute: whether the backward pass computes each cell again: less memory, the same numbers.
        nodes: nodes of a cell, its input among them; 4 in the benchmark.
        reduction: the block between two stages, 'residual' as in the benchmark or 'pool', see `PoolReduction`.

    Raises:
        ValueError: a size is below 1, a cell has fewer than two nodes, or the reduction is unknown.
    """

    _primitives = OPERATIONS
    mixture = staticmethod(softmax_mixture)
    zeros_have_no_gradient = False  # a search sets it where its mixture draws one operation an edge
    auxiliary_skip = True  # on edges of stride 1 it is the identity that every edge has

    def __init__(
        self,
        channels: int = 16,
        num_classes: int = 10,
        layers: int = 5,
        in_channels: int = 3,
        recompute: bool = False,
        nodes: int = NODES,
        reduction: str = "residual",
    ) -> None:
        super().__init__()
        check_sizes(channels=channels, num_classes=num_classes, layers=layers, in_channels=in_channels)
        if nodes < 2:
            raise ValueError(f"a cell has at least 2 nodes, input and output, got nodes={nodes!r}")
        self.nodes, self.reduction = nodes, reduction
        block = find_reduction(reduction)
        self.stem = nn.Sequential(conv(in_channels, channels, 3, padding=1), batch_norm(channels))
        self.cells = nn.LayerList()
        for stage in range(3):
            if stage:
                self.cells.append(block(channels))
                channels *= 2
            self.cells.extend(SearchCell(channels, recompute, nodes) for _ in range(layers))
        self.last = nn.Sequential(batch_norm(channels), nn.ReLU())
        self.classifier = nn.Linear(channels, num_classes)
        near_uniform = nn.initializer.Normal(0.0, 1e-3)
        self.alphas = self.create_parameter([len(edges_of(nodes)), len(OPERATIONS)], default_initializer=near_uniform)

    def forward(self, image: paddle.Tensor) -> paddle.Tensor:
        """Return the logits `[N, num_classes]` of images `[N, in_channels, height, width]`."""
        x, weights = run(self.stem, image), with_skip_added(self.mixture(self.alphas, 0))
        scales: dict[int, list[paddle.Tensor]] = {}
        live = live_operations(weights, len(OPERATIONS), self.zeros_have_no_gradient)
        for cell in self.cells:
            x = cell(x, weights, scales, live) if isinstance(cell, SearchCell) else run(cell, x)
        return self.classifier(mean_of_pixels(run(self.last, x)))

    def operation_weights(self) -> Any:
        """Return the parameters of every convolution by its name, see `OperationWeights`."""
        return operation_weights_of_nas_bench_201(self, lambda source: edges_from(source, self.nodes))

    def arch_parameters(self) -> list[paddle.Tensor]:
        """Return `[alphas]`, `[edges, operations]`."""
        return [self.alphas]

    def genotype(self) -> str:
        """Return the strongest operation of every edge as the benchmark's string, `|none~0|+|none~0|...`."""
        strongest = iter(self.alphas.argmax(axis=1).tolist())
        nodes = [[OPERATIONS[next(strongest)] for _ in range(node)] for node in range(1, self.nodes)]
        return NASBench201Genotype.of(nodes)


class SearchCell(nn.Layer):
    """A cell, `[N, channels, H, W]` to the same: node by node, all edges that leave a node computed at once."""

    def __init__(self, channels: int, recompute: bool = False, nodes: int = NODES) -> None:
        super().__init__()
        self.channels, self.recompute, self.nodes = channels, recompute, nodes
        self.out_edges = nn.LayerList(OutEdges(channels, len(edges_from(source, nodes))) for source in range(nodes - 1))

    def forward(
        self, x: paddle.Tensor, weights: paddle.Tensor, scales: dict[int, list[paddle.Tensor]], live: Any = None
    ) -> paddle.Tensor:
        """Return the last node.

        Args:
            x: the first node.
            weights: of the operations, `[edges, operations]`.
            scales: for each number of channels what `scales_of` returns, if it was needed before.
            live: for each edge the columns of the operations that have a weight, see `live_operations`; None for all.
        """
        found = compute(self, [x], [weights], (live,), self.recompute)
        if found is not None:
            return found[0]
        if self.channels not in scales:
            scales[self.channels] = scales_of(weights, self.channels, self.nodes)
        own = scales[self.channels]
        if self.recompute and paddle.is_grad_enabled():
            return recomputed(self, self.compute, x, *own)
        return self.compute(x, *own)

    def compute(self, x: paddle.Tensor, *scales: paddle.Tensor) -> paddle.Tensor:
        """Return the last node, `x` being the first."""
        sums = Sums(self.channels)
        for source, out_edges in enumerate(self.out_edges):
            targets = tuple(range(source + 1, self.nodes))
            for part in out_edges(x, *scales[4 * source : 4 * source + 4]):
                sums.add(targets, part)
            x = sums.total(source + 1)
        return x

    def describe(self, graph: Any, images: list[Any], factors: list[Any], live: Any = None) -> Any:
        """Return the last node in a graph, edge by edge, for the weights of the operations `[edges, operations]`."""
        graph.graph.short_lived = live is not None
        states, edge = [*images], 0
        for target in range(1, self.nodes):
            terms, weights = [], []
            for source, x in enumerate(states):
                for name, value in self.out_edges[source].describe(graph, x, target - source - 1).items():
                    column = OPERATIONS.index(name)
                    if live is None or column in live[edge]:
                        terms.append(value)
                        weights.append(graph.factor(factors[0], edge * len(OPERATIONS) + column))
                edge += 1
            states.append(graph.sum(terms, weights) if terms else graph.zeros(states[0]))
        return states[-1]


class OutEdges(nn.Layer):
    """The edges that leave one node: what they share once, their convolutions of one size as one."""

    def __init__(self, channels: int, edges: int) -> None:
        super().__init__()
        wide = edges * channels
        self.conv1, self.conv3 = conv(channels, wide, 1), conv(channels, wide, 3, padding=1)
        self.bn1, self.bn3 = (nn.BatchNorm2D(wide, weight_attr=False, bias_attr=False) for _ in range(2))

    def forward(
        self, x: paddle.Tensor, small: paddle.Tensor, large: paddle.Tensor, shift: paddle.Tensor, matrix: paddle.Tensor
    ) -> list[paddle.Tensor]:
        """Return the parts of `sum_o weights[edge, o] * o(x)`, each with the edges' channels one after the other."""
        rectified = F.relu(x)
        values = joined([x, avg_pool2d(x)])
        images, channels, height, width = values.shape
        # [edges, 2] @ [N, 2, channels * H * W]
        mixed = paddle.matmul(matrix, values.reshape([images, 2, channels // 2 * height * width]))
        return [
            norm(self.bn1, self.conv1(rectified), (small, shift)),
            norm(self.bn3, self.conv3(rectified), (large, shift)),
            mixed.reshape([images, -1, height, width]),
        ]

    def describe(self, graph: Any, x: Any, k: int) -> dict[str, Any]:
        """Return the operations on the `k`-th edge by their names, 'none' left out."""
        c, rectified = self.conv1._in_channels, graph.relu(x)
        small = graph.conv(self.conv1, rectified, k * c * c, c)
        large = graph.conv(self.conv3, rectified, 9 * k * c * c, c)
        return {
            "skip_connect": x,
            "nor_conv_1x1": graph.norm(self.bn1, small, k * c),
            "nor_conv_3x3": graph.norm(self.bn3, large, k * c),
            "avg_pool_3x3": graph.pool("average", 3, 1, 1, x),
        }


def with_skip_added(weights: paddle.Tensor) -> paddle.Tensor:
    """Return the weights of the operations, `[edges, 5]`; that of an auxiliary one is added to the identity.

    Every edge has stride 1, where both are the same (DARTS-).
    """
    if weights.shape[1] == len(OPERATIONS):
        return weights
    skip = F.one_hot(paddle.to_tensor(OPERATIONS.index("skip_connect")), len(OPERATIONS)).astype(weights.dtype)
    return weights[:, :-1] + weights[:, -1:] * skip


def scales_of(weights: paddle.Tensor, channels: int, nodes: int = NODES) -> list[paddle.Tensor]:
    """Return what the edges of cells with so many channels need of the weights `[edges, operations]`.

    For each node but the last: the scales of the norms behind convolutions of size 1 and 3 and their shifts of zero,
    each one number per channel of each edge, and the weights of identity and pool, `[edges, 2]`.
    """
    found = gather([weights], indices_of(channels, nodes, str(weights.place), weights.dtype))
    return [x.reshape([-1, 2]) if k % 4 == 3 else x for k, x in enumerate(found)]


@cache
def indices_of(channels: int, nodes: int, device: str, dtype: Any) -> Any:
    """Return the indices of the vectors of `scales_of` in the weights, a copy for each device."""
    width, found = len(OPERATIONS), []
    skip, small, large, pool = (
        OPERATIONS.index(name) for name in ("skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
    )
    for source in range(nodes - 1):
        rows = [edge * width for edge in edges_from(source, nodes)]
        found += [[row + column for row in rows for _ in range(channels)] for column in (small, large)]
        found += [[len(edges_of(nodes)) * width] * len(rows) * channels]
        found += [[row + column for row in rows for column in (skip, pool)]]
    return make_indices(found, dtype)


def edges_of(nodes: int) -> list[tuple[int, int]]:
    """Return (source, target) of the edges of a cell, in the order of the alphas' rows."""
    return [(source, target) for target in range(1, nodes) for source in range(target)]


def edges_from(source: int, nodes: int = NODES) -> list[int]:
    """Return the rows of the alphas whose edges leave a node."""
    return [edge for edge, (begin, _) in enumerate(edges_of(nodes)) if begin == source]
