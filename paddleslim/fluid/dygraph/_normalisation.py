"""Normalisations of `fluid.dygraph.nn`."""

from __future__ import annotations

import numpy as np
import paddle
from paddle.nn import functional as F

from .._functions.activations import append_activation
from .._functions.elementwise import elementwise_add, elementwise_mul
from .._variable import as_variable, fluid_function
from ..initializer import Constant, Normal
from ..param_attr import ParamAttr
from .layers import Layer

__all__ = ["BatchNorm", "GroupNorm", "InstanceNorm", "LayerNorm", "SpectralNorm"]

batch_norm = fluid_function(F.batch_norm)
instance_norm = fluid_function(F.instance_norm)
layer_norm = fluid_function(F.layer_norm)


class BatchNorm(Layer):
    """Batch normalisation; `_mean` and `_variance` move by 1 - momentum towards each training batch.

    Args:
        num_channels: length of the channel axis, the second one, or the last one for data_layout='NHWC'.
        act: name of an activation after it.
        is_test, in_place, do_model_average_for_mean_and_var: accepted; `train()` and `eval()` decide.
        momentum: share of the old statistics that is kept.
        epsilon: added to the variance.
        param_attr, bias_attr: of scale and shift; `bias_attr` must not be False.
        moving_mean_name, moving_variance_name: of the statistics.
        use_global_stats: normalise by the moving statistics in training too.
        trainable_statistics: use and move statistics of the batch in evaluation too.
    """

    def __init__(
        self,
        num_channels,
        act=None,
        is_test=False,
        momentum=0.9,
        epsilon=1e-05,
        param_attr=None,
        bias_attr=None,
        dtype="float32",
        data_layout="NCHW",
        in_place=False,
        moving_mean_name=None,
        moving_variance_name=None,
        do_model_average_for_mean_and_var=True,
        use_global_stats=False,
        trainable_statistics=False,
    ):
        dtype = "float32" if dtype == "float16" else dtype
        super().__init__(dtype=dtype)
        if bias_attr is False:
            raise ValueError("bias_attr must not be False in BatchNorm; use ParamAttr(trainable=False) for a fixed 0")
        self._act, self._momentum, self._epsilon, self._data_layout = act, momentum, epsilon, data_layout
        self._use_global_stats, self._trainable_statistics = use_global_stats, trainable_statistics
        shape = [num_channels]
        self.weight = self.create_parameter(shape, param_attr, dtype, default_initializer=Constant(1.0))
        self.bias = self.create_parameter(shape, bias_attr, dtype, is_bias=True)
        if use_global_stats and getattr(param_attr, "learning_rate", 1.0) == 0.0:
            self.weight.stop_gradient = self.bias.stop_gradient = True
        for name, own_name, value in (
            ("_mean", moving_mean_name, 0.0),
            ("_variance", moving_variance_name, 1.0),
        ):
            attr = ParamAttr(own_name, Constant(value), trainable=False)
            # Buffers, so that whoever keeps the statistics of a network finds them; `parameters()` lists them too.
            # `register_buffer` would refuse a parameter.
            self._buffers[name] = self.create_parameter(shape, attr, dtype)

    def forward(self, input):
        # Paddle gives scale and shift both their gradients or neither; where they differ they come after it.
        apart = self.weight.stop_gradient != self.bias.stop_gradient
        out = batch_norm(
            input,
            self._mean,
            self._variance,
            None if apart else self.weight,
            None if apart else self.bias,
            training=self.training or self._trainable_statistics,
            momentum=self._momentum,
            epsilon=self._epsilon,
            data_format=self._data_layout,
            use_global_stats=True if self._use_global_stats else None,
        )
        if apart:
            axis = 1 if self._data_layout == "NCHW" else -1
            out = elementwise_add(elementwise_mul(out, self.weight, axis), self.bias, axis)
        return append_activation(out, self._act)


class InstanceNorm(Layer):
    """Normalisation of each channel of each sample; scale and shift by `scale` and `bias`."""

    def __init__(self, num_channels, epsilon=1e-5, param_attr=None, bias_attr=None, dtype="float32"):
        super().__init__(dtype=dtype)
        if bias_attr is False:
            raise ValueError("bias_attr must not be False in InstanceNorm; use ParamAttr(trainable=False)")
        self._epsilon = epsilon
        self.scale = self.create_parameter([num_channels], param_attr, dtype, default_initializer=Constant(1.0))
        self.bias = self.create_parameter([num_channels], bias_attr, dtype, is_bias=True)

    def forward(self, input):
        return instance_norm(input, weight=self.scale, bias=self.bias, eps=self._epsilon)


class LayerNorm(Layer):
    """Normalisation over the last dimensions, those of `normalized_shape`; weight and bias are one-dimensional."""

    def __init__(
        self,
        normalized_shape,
        scale=True,
        shift=True,
        epsilon=1e-05,
        param_attr=None,
        bias_attr=None,
        act=None,
        dtype="float32",
    ):
        super().__init__(dtype=dtype)
        if shift and bias_attr is False:
            raise ValueError("bias_attr must not be False in LayerNorm; say shift=False")
        self._normalized_shape = [normalized_shape] if isinstance(normalized_shape, int) else list(normalized_shape)
        self._epsilon, self._act = epsilon, act
        length = [int(np.prod(self._normalized_shape))]
        self.weight = (
            self.create_parameter(length, param_attr, dtype, default_initializer=Constant(1.0)) if scale else None
        )
        self.bias = self.create_parameter(length, bias_attr, dtype, is_bias=True) if shift else None

    def forward(self, input):
        shape = self._normalized_shape
        if list(input.shape[-len(shape) :]) != shape:
            raise ValueError(f"the input must end in dimensions {shape}, got shape {list(input.shape)}")
        return append_activation(layer_norm(input, shape, self.weight, self.bias, self._epsilon), self._act)


class GroupNorm(Layer):
    """Normalisation over groups of channels; scale and shift exist only where their attributes are given, as in 1.8."""

    def __init__(
        self,
        channels,
        groups,
        epsilon=1e-05,
        param_attr=None,
        bias_attr=None,
        act=None,
        data_layout="NCHW",
        dtype="float32",
    ):
        super().__init__(dtype=dtype)
        if data_layout != "NCHW":
            raise ValueError(f"data_layout must be 'NCHW', got {data_layout!r}")
        self._groups, self._epsilon, self._act = groups, epsilon, act
        start = Constant(1.0)
        self.weight = self.create_parameter([channels], param_attr or False, dtype, default_initializer=start)
        self.bias = self.create_parameter([channels], bias_attr or False, dtype, is_bias=True)

    def forward(self, input):
        return append_activation(group_norm(input, self._groups, self._epsilon, self.weight, self.bias), self._act)


@fluid_function
def group_norm(x, groups, epsilon, weight, bias):
    """Return weight * (x - mean) / sqrt(variance + epsilon) + bias, mean and variance over groups of channels."""
    members = x.reshape([x.shape[0], groups, -1])
    centred = members - members.mean(-1, keepdim=True)
    normed = (centred / (centred.square().mean(-1, keepdim=True) + epsilon).sqrt()).reshape(x.shape)
    lengths = [1, -1] + [1] * (x.ndim - 2)
    scaled = normed if weight is None else normed * weight.reshape(lengths)
    return scaled if bias is None else scaled + bias.reshape(lengths)


class SpectralNorm(Layer):
    """A weight divided by its largest singular value, found by `power_iters` power iterations.

    They begin with the vectors `weight_u` and `weight_v`, which start at random and stay as they are, as in Paddle 1.8.
    """

    def __init__(self, weight_shape, dim=0, power_iters=1, eps=1e-12, dtype="float32"):
        super().__init__(dtype=dtype)
        self._dim, self._power_iters, self._eps = dim, power_iters, eps
        height = weight_shape[dim]
        width = int(np.prod(weight_shape)) // height
        self.weight_u = self.create_parameter([height], dtype=dtype, default_initializer=Normal(0.0, 1.0))
        self.weight_v = self.create_parameter([width], dtype=dtype, default_initializer=Normal(0.0, 1.0))
        self.weight_u.stop_gradient = self.weight_v.stop_gradient = True

    def forward(self, weight):
        return as_variable(
            divide_by_spectral_norm(weight, self.weight_u, self.weight_v, self._dim, self._power_iters, self._eps)
        )


@fluid_function
def divide_by_spectral_norm(weight, u, v, dim, iterations, eps):
    """Return weight / sigma, sigma = u' W v after the power iterations, which are constants to the gradient."""
    axes = [dim] + [axis for axis in range(weight.ndim) if axis != dim]
    matrix = weight.transpose(axes).reshape([weight.shape[dim], -1])
    with paddle.no_grad():
        for _ in range(iterations):
            v = paddle.matmul(u, matrix)
            v = v / (v.norm() + eps)
            u = paddle.matmul(matrix, v)
            u = u / (u.norm() + eps)
    sigma = paddle.matmul(u, paddle.matmul(matrix, v))
    return weight / sigma
