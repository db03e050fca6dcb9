"""Functions of one variable, element by element, among them the activations (`fluid.layers.ops`)."""

from __future__ import annotations

import paddle
from paddle.nn import functional as F

from .._variable import fluid_function

__all__ = [
    "abs",
    "acos",
    "append_activation",
    "asin",
    "atan",
    "brelu",
    "ceil",
    "cos",
    "cumsum",
    "elu",
    "erf",
    "exp",
    "floor",
    "gelu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_swish",
    "leaky_relu",
    "log",
    "log1p",
    "logsigmoid",
    "mish",
    "pow",
    "reciprocal",
    "relu",
    "relu6",
    "round",
    "rsqrt",
    "selu",
    "sigmoid",
    "sign",
    "sin",
    "soft_relu",
    "softmax",
    "softplus",
    "softshrink",
    "softsign",
    "sqrt",
    "square",
    "stanh",
    "swish",
    "tanh",
    "tanh_shrink",
    "thresholded_relu",
]

# What `act=` may name: functions that need nothing but their input.
ACTIVATIONS = frozenset(__all__) - {"append_activation", "cumsum", "sign"}


def append_activation(variable, act):
    """Return the activation named `act` of `variable`; the variable itself for None.

    Raises:
        ValueError: fluid had no activation of that name.
    """
    if act is None:
        return variable
    if act not in ACTIVATIONS:
        raise ValueError(f"act must be one of {sorted(ACTIVATIONS)}, got {act!r}")
    return globals()[act](variable)


def elementwise(function, name):
    """Return `function` under fluid's name, with fluid's `name` argument and variables."""

    @fluid_function
    def wrapped(x, name=None):
        return function(x)

    wrapped.__name__ = wrapped.__qualname__ = name
    wrapped.__doc__ = f"Return {name}(x), element by element."
    return wrapped


abs = elementwise(paddle.abs, "abs")
acos = elementwise(paddle.acos, "acos")
asin = elementwise(paddle.asin, "asin")
atan = elementwise(paddle.atan, "atan")
ceil = elementwise(paddle.ceil, "ceil")
cos = elementwise(paddle.cos, "cos")
erf = elementwise(paddle.erf, "erf")
exp = elementwise(paddle.exp, "exp")
floor = elementwise(paddle.floor, "floor")
log = elementwise(paddle.log, "log")
logsigmoid = elementwise(F.log_sigmoid, "logsigmoid")
reciprocal = elementwise(paddle.reciprocal, "reciprocal")
relu = elementwise(F.relu, "relu")
rsqrt = elementwise(paddle.rsqrt, "rsqrt")
sigmoid = elementwise(F.sigmoid, "sigmoid")
sign = elementwise(paddle.sign, "sign")
sin = elementwise(paddle.sin, "sin")
softplus = elementwise(F.softplus, "softplus")
softsign = elementwise(F.softsign, "softsign")
sqrt = elementwise(paddle.sqrt, "sqrt")
square = elementwise(paddle.square, "square")
tanh = elementwise(paddle.tanh, "tanh")
tanh_shrink = elementwise(F.tanhshrink, "tanh_shrink")


@fluid_function
def round(x, name=None):
    """Return x rounded to whole numbers, halves away from zero."""
    return paddle.sign(x) * paddle.floor(paddle.abs(x) + 0.5)


@fluid_function
def log1p(x, out=None, name=None):
    """Return log(1 + x)."""
    return into(out, paddle.log1p(x))


def into(out, result):
    """Return `result`, copied into `out` where one is given."""
    return result if out is None else paddle.assign(result, out)


@fluid_function
def cumsum(x, axis=None, exclusive=None, reverse=None):
    """Return the sums up to each element along `axis`, the last one if None.

    Args:
        exclusive: leave the element itself out.
        reverse: sum from the end.
    """
    axis = -1 if axis is None else axis
    x_in_order = paddle.flip(x, [axis]) if reverse else x
    total = paddle.cumsum(x_in_order, axis)
    total = total - x_in_order if exclusive else total
    return paddle.flip(total, [axis]) if reverse else total


@fluid_function
def softmax(input, use_cudnn=False, name=None, axis=-1):
    """Return exp(input) divided by its sum along `axis`."""
    return F.softmax(input, axis)


@fluid_function
def gelu(x, approximate=False):
    """Return x * Phi(x), with tanh for the normal distribution where `approximate` is True."""
    return F.gelu(x, approximate)


@fluid_function
def leaky_relu(x, alpha=0.02, name=None):
    """Return x where positive, alpha * x elsewhere."""
    return F.leaky_relu(x, alpha)


@fluid_function
def elu(x, alpha=1.0, name=None):
    """Return x where positive, alpha * (exp(x) - 1) elsewhere."""
    return F.elu(x, alpha)


@fluid_function
def selu(x, scale=None, alpha=None, name=None):
    """Return scale * elu(x, alpha), with the self-normalising constants where none are given."""
    return F.selu(x, scale or 1.0507009873554804934193349852946, alpha or 1.6732632423543772848170429916717)


@fluid_function
def relu6(x, threshold=6.0, name=None):
    """Return min(max(x, 0), threshold)."""
    return paddle.clip(x, 0.0, threshold)


@fluid_function
def brelu(x, t_min=0.0, t_max=24.0, name=None):
    """Return min(max(x, t_min), t_max)."""
    return paddle.clip(x, t_min, t_max)


@fluid_function
def soft_relu(x, threshold=40.0, name=None):
    """Return log(1 + exp(min(max(x, -threshold), threshold))).

    As in Paddle 1.8 the gradient is 1 - exp(-result) where the result, not x, is below the threshold, else 0.
    """
    held = x + (paddle.clip(x, -threshold, threshold) - x).detach()
    result = paddle.log(1 + paddle.exp(held))
    return paddle.where(result < threshold, result, result.detach())


@fluid_function
def swish(x, beta=1.0, name=None):
    """Return x * sigmoid(x): in dygraph `beta` had no effect, and has none."""
    return F.swish(x)


@fluid_function
def hard_sigmoid(x, slope=0.2, offset=0.5, name=None):
    """Return min(max(slope * x + offset, 0), 1)."""
    return paddle.clip(slope * x + offset, 0.0, 1.0)


@fluid_function
def hard_swish(x, threshold=6.0, scale=6.0, offset=3.0, name=None):
    """Return x * min(max(x + offset, 0), threshold) / scale."""
    return x * paddle.clip(x + offset, 0.0, threshold) / scale


@fluid_function
def mish(x, threshold=20, name=None):
    """Return x * tanh(softplus(x))."""
    return x * paddle.tanh(F.softplus(x, threshold=threshold))


@fluid_function
def stanh(x, scale_a=0.67, scale_b=1.7159, name=None):
    """Return scale_b * tanh(scale_a * x)."""
    return scale_b * paddle.tanh(scale_a * x)


@fluid_function
def pow(x, factor=1.0, name=None):
    """Return x ^ factor, `factor` a number or a variable [1]."""
    return paddle.pow(x, factor)


@fluid_function
def hard_shrink(x, threshold=None):
    """Return x where |x| > threshold (0.5 if None), 0 elsewhere."""
    return F.hardshrink(x, 0.5 if threshold is None else threshold)


@fluid_function
def softshrink(x, alpha=None):
    """Return x moved towards 0 by alpha (0.5 if None)."""
    return F.softshrink(x, 0.5 if alpha is None else alpha)


@fluid_function
def thresholded_relu(x, threshold=None):
    """Return x where x > threshold (1 if None), 0 elsewhere."""
    return paddle.where(x > (1.0 if threshold is None else threshold), x, paddle.zeros_like(x))
