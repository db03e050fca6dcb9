"""What every network of NAS-Bench-201 is made of: its operations, its strings, the block between two stages."""

from __future__ import annotations

import re

from paddle import nn

from .operations import batch_norm, conv

__all__ = ["NODES", "OPERATIONS", "ResidualReduction", "parse_architecture"]

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
NODES = 4


def parse_architecture(text):
    """Return the operations of a NAS-Bench-201 string as one list for each node, `[[op], [op, op], [op, op, op]]`.

    Raises:
        ValueError: the string is malformed or names another operation.

    Example:
        >>> parse_architecture("|none~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_3x3~2|")
        [['none'], ['none', 'skip_connect'], ['none', 'none', 'nor_conv_3x3']]
    """
    nodes = [re.findall(r"\|(\w+)~(\d)(?=\|)", node) for node in text.split("+")]
    expected = [[str(source) for source in range(node)] for node in range(1, NODES)]
    plain = "+".join("".join(f"|{op}~{source}" for op, source in node) + "|" for node in nodes)
    if plain != text or [[source for _, source in node] for node in nodes] != expected:
        raise ValueError(
            f"a NAS-Bench-201 genotype reads like '|none~0|+|none~0|none~1|+|none~0|none~1|none~2|', got {text!r}"
        )
    for name in (op for node in nodes for op, _ in node):
        if name not in OPERATIONS:
            raise ValueError(f"operation {name!r} is not of NAS-Bench-201; it has {', '.join(OPERATIONS)}")
    return [[op for op, _ in node] for node in nodes]


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
