"""The supernet of DARTS written edge by edge in `paddle.nn`, as somebody would who has no library for it."""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.nn import functional as F

PRIMITIVES = (
    "none",
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
)


def conv(inside, outside, size, stride=1, padding=0, dilation=1, groups=1):
    return nn.Conv2D(inside, outside, size, stride, padding, dilation, groups, bias_attr=False)


def norm(channels):
    return nn.BatchNorm2D(channels, weight_attr=False, bias_attr=False)


class Zero(nn.Layer):
    def __init__(self, stride):
        super().__init__()
        self.stride = stride

    def forward(self, x):
        return paddle.zeros_like(x if self.stride == 1 else x[:, :, ::2, ::2])


class FactorizedReduce(nn.Layer):
    def __init__(self, inside, outside):
        super().__init__()
        self.even, self.odd = conv(inside, outside // 2, 1, 2), conv(inside, outside // 2, 1, 2)
        self.norm = norm(outside)

    def forward(self, x):
        x = F.relu(x)
        return self.norm(paddle.concat([self.even(x), self.odd(x[:, :, 1:, 1:])], axis=1))


def dilated(channels, size, stride, padding, dilation):
    return nn.Sequential(
        nn.ReLU(),
        conv(channels, channels, size, stride, padding, dilation, channels),
        conv(channels, channels, 1),
        norm(channels),
    )


def make_operation(name, channels, stride):
    if name == "none":
        return Zero(stride)
    if "pool" in name:
        pool = nn.MaxPool2D if name.startswith("max") else nn.AvgPool2D
        return nn.Sequential(pool(3, stride, 1), norm(channels))
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else FactorizedReduce(channels, channels)
    size = int(name[-1])
    if name.startswith("dil"):
        return dilated(channels, size, stride, size - 1, 2)
    return nn.Sequential(dilated(channels, size, stride, size // 2, 1), dilated(channels, size, 1, size // 2, 1))


class MixedOperation(nn.Layer):
    def __init__(self, channels, stride):
        super().__init__()
        self.operations = nn.LayerList([make_operation(name, channels, stride) for name in PRIMITIVES])

    def forward(self, x, weights):
        return sum(weights[k] * operation(x) for k, operation in enumerate(self.operations))


class Cell(nn.Layer):
    def __init__(self, before2, before, channels, reduction, reduction_before):
        super().__init__()
        self.first = (
            FactorizedReduce(before2, channels)
            if reduction_before
            else nn.Sequential(nn.ReLU(), conv(before2, channels, 1), norm(channels))
        )
        self.second = nn.Sequential(nn.ReLU(), conv(before, channels, 1), norm(channels))
        self.edges = nn.LayerList(
            [MixedOperation(channels, 2 if reduction and j < 2 else 1) for i in range(4) for j in range(2 + i)]
        )

    def forward(self, s0, s1, weights):
        states, offset = [self.first(s0), self.second(s1)], 0
        for _ in range(4):
            states.append(sum(self.edges[offset + j](state, weights[offset + j]) for j, state in enumerate(states)))
            offset += len(states) - 1
        return paddle.concat(states[-4:], axis=1)


class EdgeByEdgeSupernet(nn.Layer):
    """The supernet, `[N, 3, H, W]` images to `[N, 10]` logits.

    Args:
        channels: of the first cell.
        layers: cells.
    """

    _method, _steps, _multiplier, _primitives = "DARTS", 4, 4, PRIMITIVES

    def __init__(self, channels=16, layers=8):
        super().__init__()
        self.stem = nn.Sequential(conv(3, 3 * channels, 3, padding=1), nn.BatchNorm2D(3 * channels))
        before2, before, now, reduction_before = 3 * channels, 3 * channels, channels, False
        self.cells, self.reductions = nn.LayerList(), [k in (layers // 3, 2 * layers // 3) for k in range(layers)]
        for reduction in self.reductions:
            now *= 1 + reduction
            self.cells.append(Cell(before2, before, now, reduction, reduction_before))
            reduction_before, before2, before = reduction, before, 4 * now
        self.classifier = nn.Linear(before, 10)
        start = nn.initializer.Normal(0.0, 1e-3)
        self.alphas_normal = self.create_parameter([14, 8], default_initializer=start)
        self.alphas_reduce = self.create_parameter([14, 8], default_initializer=start)

    def arch_parameters(self):
        return [self.alphas_normal, self.alphas_reduce]

    def forward(self, image):
        s0 = s1 = self.stem(image)
        normal, reduce = F.softmax(self.alphas_normal), F.softmax(self.alphas_reduce)
        for cell, reduction in zip(self.cells, self.reductions):
            s0, s1 = s1, cell(s0, s1, reduce if reduction else normal)
        return self.classifier(s1.mean(axis=[2, 3]))

    def _loss(self, image, label):
        return F.cross_entropy(self(image), label)
