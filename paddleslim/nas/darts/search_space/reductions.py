"""The block between two stages of a network of NAS-Bench-201."""

from __future__ import annotations

from paddle import nn

from .operations import batch_norm, conv

__all__ = ["PoolReduction", "ResidualReduction", "find_reduction"]


class ResidualReduction(nn.Layer):
    """The residual block between two stages: twice the channels, half the height and width."""

    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(
            nn.ReLU(),
            conv(channels, 2 * channels, 3, stride=2, padding=1),
            batch_norm(2 * channels),
            nn.ReLU(),
            conv(2 * channels, 2 * channels, 3, padding=1),
            batch_norm(2 * channels),
        )
        self.shortcut = nn.Sequential(nn.AvgPool2D(2, 2, 0, ceil_mode=True), conv(channels, 2 * channels, 1))

    def forward(self, x):
        return self.body(x) + self.shortcut(x)

    def describe(self, graph, images, factors):
        return graph.sum([graph(self.body, *images), graph(self.shortcut, *images)])


class PoolReduction(nn.Layer):
    """An average pool and a 1x1 convolution with norm and ReLU: twice the channels, half the size, rounded up.

    It learns little by itself, so that the accuracy of a network depends on its cells.
    """

    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(
            nn.AvgPool2D(2, 2, 0, ceil_mode=True),
            conv(channels, 2 * channels, 1),
            batch_norm(2 * channels),
            nn.ReLU(),
        )

    def forward(self, x):
        return self.body(x)

    def describe(self, graph, images, factors):
        return graph(self.body, *images)


REDUCTIONS = {"residual": ResidualReduction, "pool": PoolReduction}


def find_reduction(name):
    """Return the class of the block between two stages.

    Raises:
        ValueError: the name is unknown.
    """
    if name not in REDUCTIONS:
        raise ValueError(f"reduction must be one of {', '.join(REDUCTIONS)}, got {name!r}")
    return REDUCTIONS[name]
