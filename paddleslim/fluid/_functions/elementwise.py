"""Operations on two variables, and reductions."""

from __future__ import annotations

import paddle

from .._variable import divide, fluid_function, remainder, truncated_quotient
from .activations import append_activation

__all__ = [
    "elementwise_add",
    "elementwise_div",
    "elementwise_equal",
    "elementwise_floordiv",
    "elementwise_max",
    "elementwise_min",
    "elementwise_mod",
    "elementwise_mul",
    "elementwise_pow",
    "elementwise_sub",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "mean",
    "reduce_all",
    "reduce_any",
    "reduce_max",
    "reduce_mean",
    "reduce_min",
    "reduce_prod",
    "reduce_sum",
    "scale",
    "sum",
    "sums",
]


def align(x, y, axis):
    """Return `y` with dimensions of 1 at its end, so that its first one meets dimension `axis` of `x`."""
    if axis == -1 or y.ndim >= x.ndim:
        return y
    return y.reshape(list(y.shape) + [1] * (x.ndim - axis - y.ndim))


def elementwise(compute, name):
    """Return fluid's function of two variables: `y` spreads over `x` from dimension `axis`, then `act` follows."""
    compute_aligned = fluid_function(lambda x, y, axis: compute(x, align(x, y, axis)))

    def wrapped(x, y, axis=-1, act=None, name=None):
        return append_activation(compute_aligned(x, y, axis), act)

    wrapped.__name__ = wrapped.__qualname__ = name
    wrapped.__doc__ = f"Return {name[12:]}(x, y) element by element; y's first dimension meets x's dimension `axis`."
    return wrapped


elementwise_add = elementwise(paddle.add, "elementwise_add")
elementwise_sub = elementwise(paddle.subtract, "elementwise_sub")
elementwise_mul = elementwise(paddle.multiply, "elementwise_mul")
elementwise_div = elementwise(divide, "elementwise_div")
elementwise_max = elementwise(paddle.maximum, "elementwise_max")
elementwise_min = elementwise(paddle.minimum, "elementwise_min")
elementwise_pow = elementwise(paddle.pow, "elementwise_pow")
elementwise_mod = elementwise(remainder, "elementwise_mod")
elementwise_floordiv = elementwise(truncated_quotient, "elementwise_floordiv")


@fluid_function
def elementwise_equal(x, y, name=None):
    """Return where x equals y, as bool."""
    return paddle.equal(x, y)


def logical(compute, name):
    """Return fluid's function of two bool variables."""

    @fluid_function
    def wrapped(x, y, out=None, name=None):
        return into(out, compute(x, y))

    wrapped.__name__ = wrapped.__qualname__ = name
    wrapped.__doc__ = f"Return {name}(x, y) of bool variables, copied into `out` where one is given."
    return wrapped


def into(out, result):
    """Return `result`, copied into `out` where one is given."""
    return result if out is None else paddle.assign(result, out)


logical_and = logical(paddle.logical_and, "logical_and")
logical_or = logical(paddle.logical_or, "logical_or")
logical_xor = logical(paddle.logical_xor, "logical_xor")


@fluid_function
def logical_not(x, out=None, name=None):
    """Return not x of a bool variable."""
    return into(out, paddle.logical_not(x))


def reduction(compute, name):
    """Return fluid's reduction: over `dim`, a number or a list, everything if None, where the result is [1]."""

    @fluid_function
    def wrapped(input, dim=None, keep_dim=False, name=None):
        axis = None if dim in (None, []) else dim
        return compute(input, axis=list(axis) if isinstance(axis, tuple) else axis, keepdim=keep_dim)

    wrapped.__name__ = wrapped.__qualname__ = name
    wrapped.__doc__ = f"Return the {name[7:]} over dimensions `dim`; over all of them, as [1], if None."
    return wrapped


reduce_sum = reduction(paddle.sum, "reduce_sum")
reduce_mean = reduction(paddle.mean, "reduce_mean")
reduce_max = reduction(paddle.max, "reduce_max")
reduce_min = reduction(paddle.min, "reduce_min")
reduce_prod = reduction(paddle.prod, "reduce_prod")
reduce_all = reduction(paddle.all, "reduce_all")
reduce_any = reduction(paddle.any, "reduce_any")


@fluid_function
def mean(x, name=None):
    """Return the mean of all elements, as [1]."""
    return paddle.mean(x)


@fluid_function
def sums(input, out=None):
    """Return the sum of a list of variables of one shape, element by element."""
    return into(out, paddle.add_n(input))


def sum(x):
    """Return the sum of a list of variables of one shape, element by element."""
    return sums(x)


@fluid_function
def scale(x, scale=1.0, bias=0.0, bias_after_scale=True, act=None, name=None):
    """Return scale * x + bias, or scale * (x + bias); in dygraph `act` had no effect, and has none."""
    return paddle.scale(x, scale, bias, bias_after_scale)
