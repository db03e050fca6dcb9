"""Noise as an operation, of the space S4."""

from __future__ import annotations

import paddle
from paddle import nn

__all__ = ["Noise"]


class Noise(nn.Layer):
    """Standard normal noise of the shape its edge must have, whatever the input; odd sizes are rounded up."""

    def __init__(self, stride):
        super().__init__()
        self.stride = stride

    def forward(self, x):
        return paddle.randn(x[:, :, :: self.stride, :: self.stride].shape, x.dtype)
