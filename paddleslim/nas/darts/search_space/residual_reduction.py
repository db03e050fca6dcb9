"""The block between two stages of NAS-Bench-201."""

from __future__ import annotations

from paddle import nn

from .operations import batch_norm, conv

__all__ = ["ResidualReduction"]


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
