"""The candidate operations of the DARTS search space (Liu et al., 2019, section 3), as layers."""

from __future__ import annotations

import paddle
from paddle import nn

from paddleslim.kernels import avg_pool2d, conv2d, max_pool2d

from ....common.did_you_mean import did_you_mean
from .primitives import PRIMITIVES

__all__ = ["PRIMITIVES", "DilConv", "FactorizedReduce", "ReLUConvBN", "SepConv", "Zero", "build_operation"]


def conv(c_in, c_out, kernel_size, stride=1, padding=0, dilation=1, groups=1):
    """Return a convolution without bias, initialised as in He et al. (2015)."""
    init = nn.initializer.KaimingNormal()
    return Convolution(c_in, c_out, kernel_size, stride, padding, dilation, groups, weight_attr=init, bias_attr=False)


class Convolution(nn.Conv2D):
    """A convolution, by the kernels on the CPU where they know it."""

    def forward(self, x):
        return conv2d(x, self.weight, self.bias, self._stride, self._padding, self._dilation, self._groups)


class Pool(nn.Layer):
    """A 3x3 pooling in a border of one pixel, by the kernels on the CPU; `pool` is `max_pool2d` or `avg_pool2d`."""

    def __init__(self, pool, stride):
        super().__init__()
        self.pool, self.stride = pool, stride

    def forward(self, x):
        return self.pool(x, self.stride)

    def describe(self, graph, images, factors):
        return graph.pool("max" if self.pool is max_pool2d else "average", 3, self.stride, 1, *images)


def batch_norm(channels, affine=True):
    """Return a batch norm; without `affine` its scale and shift stay 1 and 0, as in a search."""
    attr = None if affine else paddle.ParamAttr(trainable=False)
    return nn.BatchNorm2D(channels, weight_attr=attr, bias_attr=attr)


class Zero(nn.Layer):
    """The operation 'none': zeros of the shape its edge must have."""

    def __init__(self, stride):
        super().__init__()
        self.stride = stride

    def forward(self, x):
        return paddle.zeros_like(x[:, :, :: self.stride, :: self.stride])

    def describe(self, graph, images, factors):
        return graph.zeros(*images, self.stride)


class ReLUConvBN(nn.Layer):
    """ReLU, 1x1 convolution, batch norm: `[N, c_in, H, W]` to `[N, c_out, H, W]`."""

    def __init__(self, c_in, c_out, affine=True):
        super().__init__()
        self.conv = conv(c_in, c_out, 1)
        self.bn = batch_norm(c_out, affine)

    def forward(self, x):
        return self.bn(self.conv(nn.functional.relu(x)))

    def describe(self, graph, images, factors):
        return graph(self.bn, graph(self.conv, graph.relu(*images)))


class FactorizedReduce(nn.Layer):
    """Halve height and width by two 1x1 convolutions of stride 2, the second shifted by one pixel.

    Odd sizes are rounded up, as by every other operation of stride 2.
    """

    def __init__(self, c_in, c_out, affine=True):
        super().__init__()
        self.conv1 = conv(c_in, c_out // 2, 1, stride=2)
        self.conv2 = conv(c_in, c_out - c_out // 2, 1, stride=2)
        self.bn = batch_norm(c_out, affine)

    def forward(self, x):
        x = nn.functional.relu(x)
        height, width = x.shape[2:]
        shifted = nn.functional.pad(x, [0, width % 2, 0, height % 2])[:, :, 1:, 1:]
        return self.bn(paddle.concat([self.conv1(x), self.conv2(shifted)], axis=1))

    def describe(self, graph, images, factors):
        return graph(self.bn, graph.factorized(self.conv1, self.conv2, graph.relu(*images)))


class SepConv(nn.Layer):
    """A separable convolution applied twice, the stride in the first (section 3.1.1 there)."""

    def __init__(self, channels, kernel_size, stride, affine=True):
        super().__init__()
        padding = kernel_size // 2
        self.conv1 = conv(channels, channels, kernel_size, stride, padding, groups=channels)
        self.conv2 = conv(channels, channels, 1)
        self.bn1 = batch_norm(channels, affine)
        self.conv3 = conv(channels, channels, kernel_size, 1, padding, groups=channels)
        self.conv4 = conv(channels, channels, 1)
        self.bn2 = batch_norm(channels, affine)

    def forward(self, x):
        x = self.bn1(self.conv2(self.conv1(nn.functional.relu(x))))
        return self.bn2(self.conv4(self.conv3(nn.functional.relu(x))))

    def describe(self, graph, images, factors):
        x = graph(self.bn1, graph(self.conv2, graph(self.conv1, graph.relu(*images))))
        return graph(self.bn2, graph(self.conv4, graph(self.conv3, graph.relu(x))))


class DilConv(nn.Layer):
    """A separable convolution of dilation 2, applied once."""

    def __init__(self, channels, kernel_size, stride, affine=True):
        super().__init__()
        padding = 2 * (kernel_size // 2)
        self.conv1 = conv(channels, channels, kernel_size, stride, padding, dilation=2, groups=channels)
        self.conv2 = conv(channels, channels, 1)
        self.bn1 = batch_norm(channels, affine)

    def forward(self, x):
        return self.bn1(self.conv2(self.conv1(nn.functional.relu(x))))

    def describe(self, graph, images, factors):
        return graph(self.bn1, graph(self.conv2, graph(self.conv1, graph.relu(*images))))


def build_operation(name, channels, stride, affine=True):
    """Return the operation called `name`, `[N, channels, H, W]` to `[N, channels, H/stride, W/stride]`.

    Pooling is without batch norm here; a supernet adds one, a retrained network does not.

    Raises:
        ValueError: the name is none of `PRIMITIVES` and not of the form sep_conv_KxK or dil_conv_KxK.
    """
    if name == "none":
        return Zero(stride)
    if name == "max_pool_3x3":
        return Pool(max_pool2d, stride)
    if name == "avg_pool_3x3":
        return Pool(avg_pool2d, stride)
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else FactorizedReduce(channels, channels, affine)
    kind, _, size = name.rpartition("_")
    if kind in ("sep_conv", "dil_conv") and size in ("3x3", "5x5", "7x7"):
        return (SepConv if kind == "sep_conv" else DilConv)(channels, int(size[0]), stride, affine)
    raise ValueError(
        f"operation {name!r} is unknown; known are {', '.join(PRIMITIVES)}.{did_you_mean(name, PRIMITIVES)}"
    )
