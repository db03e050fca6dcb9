"""`fluid.layers.tensor`: making variables and putting them together."""

from __future__ import annotations

import numpy as np
import paddle

from .._absent import absent
from .._functions.elementwise import sums
from .._variable import as_variable, fluid_function
from ..dygraph.base import to_variable
from ..dygraph.layers import Layer
from ..param_attr import ParamAttr
from ._shape import number, numbers, scalar

__all__ = [
    "arange",
    "argmax",
    "argmin",
    "argsort",
    "assign",
    "cast",
    "concat",
    "create_global_var",
    "create_parameter",
    "create_tensor",
    "diag",
    "eye",
    "fill_constant",
    "fill_constant_batch_size_like",
    "full",
    "full_like",
    "has_inf",
    "has_nan",
    "isfinite",
    "kron",
    "linspace",
    "ones",
    "ones_like",
    "range",
    "reverse",
    "sums",
    "tensor_array_to_tensor",
    "trace",
    "tril",
    "triu",
    "zeros",
    "zeros_like",
]


def into(out, result):
    """Return `result`, copied into `out` where one is given."""
    return result if out is None else paddle.assign(result, out)


def create_parameter(shape, dtype, name=None, attr=None, is_bias=False, default_initializer=None):
    """Return a Parameter that belongs to no layer until it is made an attribute of one.

    Args:
        shape: list of lengths.
        dtype: such as 'float32'.
        name: of the parameter, where `attr` has none.
        attr: `fluid.ParamAttr`.
        is_bias: start at 0, not as Xavier's uniform says.
        default_initializer: in place of those two, where `attr` has none.
    """
    attr = ParamAttr(name=name) if attr is None else attr
    return Layer("create_parameter").create_parameter(shape, attr, dtype, is_bias, default_initializer)


def create_global_var(shape, value, dtype, persistable=False, force_cpu=False, name=None):
    """Return a variable of the given shape with `value` everywhere."""
    variable = fill_constant(shape, dtype, value)
    variable.persistable = persistable
    if name:
        variable.name = name
    return variable


def create_tensor(dtype, name=None, persistable=False):
    """Return an empty variable, to be an output of `assign` and the like."""
    return as_variable(paddle.empty([0], dtype))


def cast(x, dtype):
    """Return x in another type."""
    return as_variable(x.astype(dtype) if x.dtype != dtype else x)


@fluid_function
def concat(input, axis=0, name=None):
    """Return a list of variables one after the other along `axis`."""
    return paddle.concat(list(input), number(axis)) if isinstance(input, (list, tuple)) else input


def assign(input, output=None):
    """Return a copy of a variable or array, made in `output` where one is given."""
    value = to_variable(input) if isinstance(input, np.ndarray) else input
    if output is None:
        return as_variable(paddle.assign(value))
    paddle.assign(value, output)
    return output


def fill_constant(shape, dtype, value, force_cpu=False, out=None):
    """Return a variable of the given shape with `value` everywhere; in `out` where one is given."""
    value = value.item() if isinstance(value, paddle.Tensor) else value
    filled = paddle.full(numbers(shape), value, dtype)
    return as_variable(filled) if out is None else assign(filled, out)


def fill_constant_batch_size_like(input, shape, dtype, value, input_dim_idx=0, output_dim_idx=0, force_cpu=False):
    """Return `value` everywhere, in `shape` with the length `input_dim_idx` of `input` at `output_dim_idx`."""
    return fill_constant(borrow_length(shape, input, input_dim_idx, output_dim_idx), dtype, value)


def borrow_length(shape, input, input_dim_idx, output_dim_idx):
    """Return `shape` with the length of one dimension taken from `input`."""
    lengths = list(shape)
    lengths[output_dim_idx] = input.shape[input_dim_idx]
    return lengths


def ones(shape, dtype, force_cpu=False):
    """Return a variable of ones."""
    return fill_constant(shape, dtype, 1.0)


def zeros(shape, dtype, force_cpu=False):
    """Return a variable of zeros."""
    return fill_constant(shape, dtype, 0.0)


@fluid_function
def ones_like(x, out=None):
    """Return ones of the shape and type of x."""
    return into(out, paddle.ones_like(x))


@fluid_function
def zeros_like(x, out=None):
    """Return zeros of the shape and type of x."""
    return into(out, paddle.zeros_like(x))


def full(shape, fill_value, out=None, dtype=None, device=None, stop_gradient=True, name=None):
    """Return a variable with `fill_value` everywhere, float32 unless `dtype` says otherwise."""
    variable = fill_constant(shape, dtype or "float32", fill_value, out=out)
    variable.stop_gradient = stop_gradient
    return variable


def full_like(input, fill_value, out=None, dtype=None, device=None, stop_gradient=True, name=None):
    """Return `fill_value` everywhere, in the shape of `input`."""
    return full(list(input.shape), fill_value, out, dtype or input.dtype, device, stop_gradient)


@fluid_function
def range(start, end, step, dtype):
    """Return start, start + step, ... up to before `end`."""
    return paddle.arange(*(scalar(edge) for edge in (start, end, step)), dtype="float64").cast(dtype)


def arange(start, end, step=1, dtype=None, name=None):
    """Return start, start + step, ... up to before `end`, float32 unless `dtype` says otherwise."""
    return range(start, end, step, dtype or "float32")


@fluid_function
def linspace(start, stop, num, dtype):
    """Return `num` numbers from `start` to `stop`, both included."""
    return paddle.linspace(scalar(start), scalar(stop), number(num), dtype)


@fluid_function
def eye(num_rows, num_columns=None, batch_shape=None, dtype="float32"):
    """Return a matrix with ones on its diagonal; copies of it for `batch_shape`."""
    matrix = paddle.eye(num_rows, num_columns, dtype)
    return paddle.tile(matrix, [*batch_shape, 1, 1]) if batch_shape else matrix


@fluid_function
def diag(diagonal):
    """Return the matrix with this diagonal, an array or a variable."""
    return paddle.diag(diagonal if isinstance(diagonal, paddle.Tensor) else paddle.to_tensor(diagonal)).detach()


@fluid_function
def argmax(x, axis=0):
    """Return where the largest values along `axis` are, int64."""
    return paddle.argmax(x, axis)


@fluid_function
def argmin(x, axis=0):
    """Return where the smallest values along `axis` are, int64."""
    return paddle.argmin(x, axis)


@fluid_function
def argsort(input, axis=-1, descending=False, name=None):
    """Return the values in order along `axis`, and where they were."""
    order = paddle.argsort(input, axis, descending)
    return paddle.take_along_axis(input, order, axis), order


@fluid_function
def reverse(x, axis):
    """Return x with the order along `axis`, one or several, reversed."""
    return paddle.flip(x, axis)


@fluid_function
def has_inf(x):
    """Return whether any element is infinite, bool [1]."""
    return paddle.isinf(x).any()


@fluid_function
def has_nan(x):
    """Return whether any element is no number, bool [1]."""
    return paddle.isnan(x).any()


@fluid_function
def isfinite(x):
    """Return whether all elements are finite, bool [1]."""
    return paddle.isfinite(x).all()


@fluid_function
def tril(input, diagonal=0, name=None):
    """Return the matrices with zeros above the diagonal."""
    return paddle.tril(input, diagonal)


@fluid_function
def triu(input, diagonal=0, name=None):
    """Return the matrices with zeros below the diagonal."""
    return paddle.triu(input, diagonal)


@fluid_function
def trace(input, offset=0, dim1=0, dim2=1, out=None, name=None):
    """Return the sums of the diagonals."""
    return into(out, paddle.trace(input, offset, dim1, dim2))


@fluid_function
def kron(x, y, out=None, name=None):
    """Return the Kronecker product."""
    return into(out, paddle.kron(x, y))


@fluid_function
def tensor_array_to_tensor(input, axis=1, name=None, use_stack=False):
    """Return a list of variables in one, one after the other or stacked, and their lengths along `axis`."""
    together = (paddle.stack if use_stack else paddle.concat)(input, axis)
    return together, paddle.to_tensor([int(x.shape[axis]) for x in input])


__getattr__ = absent(__name__)
