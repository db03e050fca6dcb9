"""Convolutions of `fluid.dygraph.nn`."""

from __future__ import annotations

from paddle.nn import functional as F

from ... import kernels
from .._functions.activations import append_activation
from .._functions.lengths import repeat
from .._variable import fluid_function
from ..initializer import Normal
from .layers import Layer

__all__ = ["Conv2D", "Conv2DTranspose", "Conv3D", "Conv3DTranspose"]


class _Convolution(Layer):
    """Convolution over `dimensions` spatial axes; the weight is [filters, channels / groups, *window]."""

    dimensions: int
    transposed = False

    def __init__(
        self,
        num_channels,
        num_filters,
        filter_size,
        stride=1,
        padding=0,
        dilation=1,
        groups=None,
        param_attr=None,
        bias_attr=None,
        use_cudnn=True,
        act=None,
        dtype="float32",
    ):
        super().__init__(dtype=dtype)
        if param_attr is False:
            raise ValueError("param_attr must not be False: a convolution needs its weight")
        groups = groups or 1
        if num_channels % groups:
            raise ValueError(f"num_channels must be divisible by groups, got {num_channels} and {groups}")
        self._stride = repeat(stride, self.dimensions, "stride")
        self._padding = repeat(padding, self.dimensions, "padding")
        self._dilation = repeat(dilation, self.dimensions, "dilation")
        self._groups, self._act = groups, act
        window = repeat(filter_size, self.dimensions, "filter_size")
        if self.transposed:
            shape, start = [num_channels, num_filters // groups, *window], None
        else:
            shape = [num_filters, num_channels // groups, *window]
            elements = num_channels
            for length in window:
                elements *= length
            start = Normal(0.0, (2.0 / elements) ** 0.5)
        self.weight = self.create_parameter(shape, param_attr, dtype, default_initializer=start)
        self.bias = self.create_parameter([num_filters], bias_attr, dtype, is_bias=True)

    def forward(self, input):
        out = self.convolve(
            input,
            self.weight,
            bias=self.bias,
            stride=self._stride,
            padding=self._padding,
            dilation=self._dilation,
            groups=self._groups,
        )
        return append_activation(out, self._act)


class Conv2D(_Convolution):
    """Convolution of [N, C, H, W]; the weight starts normal with variance 2 / (channels * window)."""

    dimensions = 2

    def convolve(self, input, weight, **kwargs):
        return conv2d(input, weight, **kwargs)


class Conv3D(_Convolution):
    """Convolution of [N, C, D, H, W]; the weight starts normal with variance 2 / (channels * window)."""

    dimensions = 3
    convolve = staticmethod(fluid_function(F.conv3d))


class Conv2DTranspose(_Convolution):
    """Transposed convolution of [N, C, H, W] to `output_size`, or to the smallest size that fits."""

    dimensions = 2
    transposed = True

    def __init__(
        self,
        num_channels,
        num_filters,
        filter_size,
        output_size=None,
        padding=0,
        stride=1,
        dilation=1,
        groups=None,
        param_attr=None,
        bias_attr=None,
        use_cudnn=True,
        act=None,
        dtype="float32",
    ):
        super().__init__(
            num_channels,
            num_filters,
            filter_size,
            stride,
            padding,
            dilation,
            groups,
            param_attr,
            bias_attr,
            use_cudnn,
            act,
            dtype,
        )
        self._output_size = None if output_size is None else repeat(output_size, 2, "output_size")

    def convolve(self, input, weight, **kwargs):
        return conv2d_transpose(input, weight, output_size=self._output_size, **kwargs)


class Conv3DTranspose(_Convolution):
    """Transposed convolution of [N, C, D, H, W]; the bias is added only where `bias_attr` is given, as in 1.8."""

    dimensions = 3
    transposed = True

    def __init__(
        self,
        num_channels,
        num_filters,
        filter_size,
        padding=0,
        stride=1,
        dilation=1,
        groups=None,
        param_attr=None,
        bias_attr=None,
        use_cudnn=True,
        act=None,
        dtype="float32",
    ):
        super().__init__(
            num_channels,
            num_filters,
            filter_size,
            stride,
            padding,
            dilation,
            groups,
            param_attr,
            bias_attr,
            use_cudnn,
            act,
            dtype,
        )
        self._adds_bias = bool(bias_attr)

    def convolve(self, input, weight, bias, **kwargs):
        return conv3d_transpose(input, weight, bias=bias if self._adds_bias else None, **kwargs)


conv2d = fluid_function(kernels.conv2d)
conv2d_transpose = fluid_function(F.conv2d_transpose)
conv3d_transpose = fluid_function(F.conv3d_transpose)
