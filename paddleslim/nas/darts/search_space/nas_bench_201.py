"""The supernet of NAS-Bench-201: one cell of four nodes, repeated in three stages (Dong and Yang, 2020)."""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.nn import functional as F

from paddleslim.kernels import avg_pool2d

from .benchmark_cell import NODES, OPERATIONS, ResidualReduction
from .cell_operators import norm
from .darts import check_sizes
from .operations import batch_norm, conv
from .recompute import recomputed

__all__ = ["NASBench201Supernet", "SearchCell"]

EDGES = [(source, target) for target in range(1, NODES) for source in range(target)]


class NASBench201Supernet(nn.Layer):
    """`[N, in_channels, H, W]` images to `[N, num_classes]` logits; every edge mixes the benchmark's five operations.

    The cells share one matrix of alphas, `[6, 5]`, whose rows are the edges 0→1, 0→2, 1→2, 0→3, 1→3, 2→3.

    Args:
        channels: of the first stage; doubled twice.
        num_classes: how many classes there are.
        layers: cells in each of the three stages, 5 in the benchmark.
        in_channels: channels of the images, which may have any height and width.
        recompute: whether the backward pass computes each cell again: less memory, the same numbers.
    """

    _primitives = OPERATIONS

    def __init__(self, channels=16, num_classes=10, layers=5, in_channels=3, recompute=False):
        super().__init__()
        check_sizes(channels=channels, num_classes=num_classes, layers=layers, in_channels=in_channels)
        self.stem = nn.Sequential(conv(in_channels, channels, 3, padding=1), batch_norm(channels))
        self.cells = nn.LayerList()
        for stage in range(3):
            if stage:
                self.cells.append(ResidualReduction(channels))
                channels *= 2
            self.cells.extend(SearchCell(channels, recompute) for _ in range(layers))
        self.last = nn.Sequential(batch_norm(channels), nn.ReLU())
        self.classifier = nn.Linear(channels, num_classes)
        near_uniform = nn.initializer.Normal(0.0, 1e-3)
        self.alphas = self.create_parameter([len(EDGES), len(OPERATIONS)], default_initializer=near_uniform)

    def forward(self, image):
        x, weights = self.stem(image), F.softmax(self.alphas)
        for cell in self.cells:
            x = cell(x, weights) if isinstance(cell, SearchCell) else cell(x)
        return self.classifier(self.last(x).mean(axis=[2, 3]))

    def _loss(self, image, label):
        return F.cross_entropy(self(image), label)

    def arch_parameters(self):
        """Return `[alphas]`, `[edges, operations]`."""
        return [self.alphas]

    def genotype(self):
        """Return the strongest operation of every edge as the benchmark's string, `|none~0|+|none~0|...`."""
        strongest = iter(self.alphas.argmax(axis=1).tolist())
        nodes = [[f"{OPERATIONS[next(strongest)]}~{source}" for source in range(node)] for node in range(1, NODES)]
        return "+".join("|" + "|".join(edges) + "|" for edges in nodes)


class SearchCell(nn.Layer):
    """A cell, `[N, channels, H, W]` to the same: node by node, all edges that leave a node computed at once."""

    def __init__(self, channels, recompute=False):
        super().__init__()
        self.recompute = recompute
        self.fans = nn.LayerList(Fan(channels, edges_from(source)) for source in range(NODES - 1))

    def forward(self, x, weights):
        """Return the last node; `weights` is `[6, 5]`."""
        if self.recompute and paddle.is_grad_enabled():
            return recomputed(self, self.compute, x, weights)
        return self.compute(x, weights)

    def compute(self, x, weights):
        """Return the last node, `x` being the first."""
        received: list[list[paddle.Tensor]] = [[x], *([] for _ in range(NODES - 1))]
        for source, fan in enumerate(self.fans):
            parts = fan(paddle.add_n(received[source]), weights)
            for edge, part in zip(edges_from(source), parts):
                received[EDGES[edge][1]].append(part)
        return paddle.add_n(received[-1])


class Fan(nn.Layer):
    """The edges that leave one node: what they share once, their convolutions of one size as one."""

    def __init__(self, channels, edges):
        super().__init__()
        self.channels, self.edges = channels, edges
        wide = len(edges) * channels
        self.conv1, self.conv3 = conv(channels, wide, 1), conv(channels, wide, 3, padding=1)
        self.bn1, self.bn3 = (nn.BatchNorm2D(wide, weight_attr=False, bias_attr=False) for _ in range(2))

    def forward(self, x, weights):
        """Return what each edge carries, `sum_o weights[edge, o] * o(x)`."""
        images, _, height, width = x.shape
        weights = paddle.stack([weights[edge] for edge in self.edges])  # [edges, operations]
        _, skip, small, large, pool = paddle.unbind(weights, axis=1)
        rectified = F.relu(x)
        parts = [
            norm(self.bn1, self.conv1(rectified), self.scale(small)),
            norm(self.bn3, self.conv3(rectified), self.scale(large)),
        ]
        shared = paddle.stack([x.flatten(1), avg_pool2d(x).flatten(1)], axis=1)  # [N, 2, channels * H * W]
        mixed = paddle.matmul(paddle.stack([skip, pool], axis=1), shared)
        parts.append(mixed.reshape([images, -1, height, width]))
        return paddle.split(paddle.add_n(parts), len(self.edges), axis=1)

    def scale(self, weights):
        """Return scale and shift of each channel of each edge, from an operation's weights `[edges]`."""
        scale = weights.unsqueeze(1).expand([len(self.edges), self.channels]).flatten()
        return scale, scale * 0


def edges_from(source):
    """Return the rows of the alphas whose edges leave a node."""
    return [edge for edge, (begin, _) in enumerate(EDGES) if begin == source]
