"""The oracle of graphs: each operator by Paddle's own."""

from __future__ import annotations

import math

import paddle
from paddle.nn import functional as F

from paddleslim.kernels.graph.operators.basic import Concat, Gather, Image, Relu
from paddleslim.kernels.graph.operators.convolution import Dense, Depthwise, Pointwise
from paddleslim.kernels.graph.operators.norm import Norm
from paddleslim.kernels.graph.operators.pooling import Mean, Pool
from paddleslim.kernels.graph.operators.sums import Sum, Zeros


def evaluate(graph, tensors, training):
    """Return the outputs of a graph, computed by Paddle."""
    values = []
    for node in graph.nodes:
        compute = OPERATORS[type(node.operator)]
        values.append(compute(node.operator, [values[k] for k in node.inputs], tensors, training))
    return [values[k] for k in graph.outputs]


def part(tensors, parameter, *shape):
    """Return a parameter of a shape."""
    flat = tensors[parameter.tensor].reshape([-1])
    return flat[parameter.offset : parameter.offset + math.prod(shape)].reshape(list(shape))


def image(operator, inputs, tensors, training):
    return tensors[operator.tensor]


def pointwise(operator, inputs, tensors, training):
    total = 0
    for x, p in zip(inputs, operator.parts):
        height, width = x.shape[2:]
        flat = tensors[p.weight.tensor].reshape([-1])[p.weight.offset :]
        rows = [flat[k * p.row : k * p.row + p.inputs] for k in range(p.outputs)]
        weight = paddle.stack(rows).reshape([p.outputs, p.inputs, 1, 1])
        if operator.stride > 1:
            every = slice(p.first, None, operator.stride)
            x = F.pad(x, [0, operator.stride, 0, operator.stride])[:, :, every, every]
            x = x[:, :, : -(-height // operator.stride), : -(-width // operator.stride)]
        out = F.conv2d(x, weight)
        total = total + padded_channels(out, p.column, operator.channels)
    return total


def padded_channels(x, first, channels):
    """Return x with channels of zeros before and behind."""
    zeros = [paddle.zeros([x.shape[0], c, *x.shape[2:]], x.dtype) for c in (first, channels - first - x.shape[1])]
    return paddle.concat([zeros[0], x, zeros[1]], axis=1)


def depthwise(operator, inputs, tensors, training):
    (x,) = inputs
    weight = part(tensors, operator.weight, x.shape[1], 1, operator.size, operator.size)
    padding = list(operator.padding)
    return F.conv2d(x, weight, None, operator.stride, padding, operator.dilation, x.shape[1])


def dense(operator, inputs, tensors, training):
    (x,) = inputs
    weight = part(tensors, operator.weight, operator.outputs, x.shape[1], operator.size, operator.size)
    return F.conv2d(x, weight, None, operator.stride, list(operator.padding), operator.dilation)


def norm(operator, inputs, tensors, training):
    (x,) = inputs
    scales = [None if p is None else tensors[p.tensor] for p in (operator.gamma, operator.beta)]
    return F.batch_norm(x, tensors[operator.mean.tensor], tensors[operator.variance.tensor], *scales, training=training)


def pool(operator, inputs, tensors, training):
    sizes = (operator.size, operator.stride, operator.border)
    if operator.kind == "max":
        return F.max_pool2d(*inputs, *sizes, ceil_mode=operator.ceil)
    return F.avg_pool2d(*inputs, *sizes, ceil_mode=operator.ceil, exclusive=not operator.inclusive)


def weighted_sum(operator, inputs, tensors, training):
    total = 0
    for x, factor in zip(inputs, operator.factors):
        if factor is None:
            total = total + x
        elif factor.per_image:
            flat = tensors[factor.tensor].reshape([x.shape[0], factor.per_image])
            total = total + flat[:, factor.offset].reshape([-1, 1, 1, 1]) * x
        else:
            total = total + tensors[factor.tensor].reshape([-1])[factor.offset] * x
    return total


def gather(operator, inputs, tensors, training):
    channels = [None] * operator.channels
    for block in operator.blocks:
        for k in range(block.channels):
            source = block.first + k * block.stride
            channels[block.first_out + k * block.stride_out] = inputs[block.position][:, source : source + 1]
    return paddle.concat(channels, axis=1)


OPERATORS = {
    Image: image,
    Relu: lambda operator, inputs, tensors, training: F.relu(*inputs),
    Pointwise: pointwise,
    Depthwise: depthwise,
    Dense: dense,
    Norm: norm,
    Pool: pool,
    Mean: lambda operator, inputs, tensors, training: inputs[0].mean(axis=[2, 3], keepdim=True),
    Sum: weighted_sum,
    Zeros: lambda operator, inputs, tensors, training: 0 * inputs[0][:, :, :: operator.stride, :: operator.stride],
    Gather: gather,
    Concat: lambda operator, inputs, tensors, training: paddle.concat(inputs, axis=1),
}
