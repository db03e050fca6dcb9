"""Fluid's tensors: `Variable` and `Parameter`, today's tensors with the operators and gradients of Paddle 1.8.

Fluid knew no 0-D tensor, computed in the type of the left operand, cut quotients of integers off, kept the gradient
of every intermediate result, and let each backward pass overwrite the gradients of the last. All of that is here;
a tensor made by today's API in the same program keeps today's meaning.
"""

from __future__ import annotations

import functools
import weakref
from typing import Any

import numpy as np
import paddle
from paddle.base.framework import EagerParamBase

from ..common.sparse_rows import as_pair
from ._program import default_main_program

__all__ = ["Parameter", "Variable", "as_parameter", "as_variable", "cast_like", "fluid_function", "plain"]

INTEGERS = (paddle.uint8, paddle.int8, paddle.int16, paddle.int32, paddle.int64)

_in_fluid_backward = False


def as_variable(tensor):
    """Return `tensor` as a Variable: the same data at the same place of the graph, 0-D as [1].

    Anything that is no tensor passes through.
    """
    if isinstance(tensor, Arithmetic) or not isinstance(tensor, paddle.Tensor):
        return tensor
    if tensor.ndim == 0:
        tensor = tensor.reshape([1])
    variable = Variable.__new__(Variable)
    variable._inplace_assign(tensor)
    if not tensor.stop_gradient and not tensor.is_leaf:
        variable.retain_grads()
    return variable


def as_parameter(parameter):
    """Return the parameter itself, from now on an instance of fluid's Parameter."""
    if not isinstance(parameter, Parameter):
        parameter.__class__ = Parameter
        overwrite_gradient(parameter)
    return parameter


def overwrite_gradient(leaf):
    """Let the first gradient of each fluid backward pass replace the one of the pass before."""
    if leaf.stop_gradient or not leaf.is_leaf or getattr(leaf, "_overwrites", False):
        return
    leaf._overwrites = True
    reference = weakref.ref(leaf)

    def forget(gradient):
        owner = reference()
        if _in_fluid_backward and owner is not None:
            owner.clear_gradient(False)

    leaf.register_hook(forget)


def cast_like(value, variable):
    """Return `value` as a tensor of the type of `variable`; a number becomes a tensor [1]."""
    if not isinstance(value, paddle.Tensor):
        value = paddle.to_tensor(np.asarray(value), place=variable.place)
        value = value.reshape([1]) if value.ndim == 0 else value
    return value if value.dtype == variable.dtype else value.cast(variable.dtype)


def truncated_quotient(x, y):
    """Return x / y of integers, cut off towards zero as C does."""
    return paddle.floor_divide(x.abs(), y.abs()) * x.sign() * y.sign()


def remainder(x, y):
    """Return what truncated division of integers leaves, with the sign of x; of floats the one with the sign of y."""
    return paddle.remainder(x.abs(), y.abs()) * x.sign() if x.dtype in INTEGERS else paddle.remainder(x, y)


def divide(x, y):
    """Return x / y, cut off towards zero for integers."""
    return truncated_quotient(x, y) if x.dtype in INTEGERS else paddle.divide(x, y)


def plain(value):
    """Return the tensor under a Variable or Parameter, with today's operators; lists and tuples item by item."""
    if isinstance(value, Arithmetic):
        tensor = paddle.Tensor.__new__(paddle.Tensor)
        tensor._inplace_assign(value)
        return tensor
    if isinstance(value, (list, tuple)) and any(isinstance(item, Arithmetic) for item in value):
        return type(value)(plain(item) for item in value)
    return value


def fluid_function(function):
    """Let the body of `function` see today's tensors, and its callers fluid's variables."""

    @functools.wraps(function)
    def wrapped(*args, **kwargs):
        result = function(*map(plain, args), **{name: plain(value) for name, value in kwargs.items()})
        if isinstance(result, (list, tuple)):
            return type(result)(map(as_variable, result))
        return as_variable(result)

    return wrapped


class OneNumber(np.ndarray):
    """An array of one element that float, int and % take for a number, as numpy did until 2.4; an array otherwise."""

    def __repr__(self):
        return repr(self.view(np.ndarray))

    def __reduce__(self):
        return self.view(np.ndarray).__reduce__()

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    __index__ = __int__


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def check_integral(variable, number):
    if variable.dtype in INTEGERS and int(number) != number:
        raise ValueError(
            f"{number} would lose its fraction against a variable of {variable.dtype}; "
            "cast the variable first: fluid.layers.cast(x, 'float32')"
        )


def binary(compute, scaled=None, reverse=False):
    """Return an operator method: `scaled(x, number)` for a float variable and a number, else `compute(x, y)`."""

    def operator(self, other):
        if other is None:
            return NotImplemented
        if scaled is not None and is_number(other):
            if self.dtype not in INTEGERS:
                return as_variable(scaled(plain(self), float(other)))
            check_integral(self, other)
        x, y = plain(self), plain(cast_like(other, self))
        return as_variable(compute(y, x) if reverse else compute(x, y))

    return operator


class Arithmetic:
    """The operators and methods that fluid defined on its variables."""

    __slots__ = ()
    __hash__ = paddle.Tensor.__hash__

    # What the tensor beside this class gives.
    dtype: Any
    grad: Any
    item: Any
    name: Any
    retain_grads: Any

    __add__ = __radd__ = binary(paddle.add, lambda x, c: paddle.scale(x, 1.0, c))
    __sub__ = binary(paddle.subtract, lambda x, c: paddle.scale(x, 1.0, -c))
    __rsub__ = binary(paddle.subtract, lambda x, c: paddle.scale(x, -1.0, c), reverse=True)
    __mul__ = __rmul__ = binary(paddle.multiply, lambda x, c: paddle.scale(x, c))
    __truediv__ = __div__ = binary(divide, lambda x, c: paddle.scale(x, 1.0 / c))
    __rtruediv__ = __rdiv__ = binary(divide, reverse=True)
    __pow__ = binary(paddle.pow)
    __rpow__ = binary(paddle.pow, reverse=True)
    __floordiv__ = binary(truncated_quotient)
    __mod__ = binary(remainder)
    __eq__ = binary(paddle.equal)
    __ne__ = binary(paddle.not_equal)
    __lt__ = binary(paddle.less_than)
    __le__ = binary(paddle.less_equal)
    __gt__ = binary(paddle.greater_than)
    __ge__ = binary(paddle.greater_equal)

    def __neg__(self):
        return as_variable(paddle.scale(plain(self), -1.0))

    def __getitem__(self, index):
        return as_variable(plain(self)[index])

    def __iter__(self):
        return (self[i] for i in range(self.shape[0]))

    def __float__(self):
        return float(self.item())

    def __int__(self):
        return int(self.item())

    __index__ = __int__

    def __bool__(self):
        # A negative number is false, as in Paddle 1.8.
        return bool(self.item() > 0)

    def astype(self, dtype):
        return as_variable(plain(self).astype(dtype))

    def numpy(self, *args):
        """Return the values as an array; a single one can be used as a number."""
        array = paddle.Tensor.numpy(self, *args)
        return array.view(OneNumber) if array.size == 1 else array

    def detach(self):
        return as_variable(plain(self).detach())

    @property
    def shape(self):
        """The lengths of the dimensions, a list."""
        return list(paddle.Tensor.shape.__get__(self))

    @property
    def stop_gradient(self):
        """True for a variable that gets no gradient, as all data do at first."""
        return paddle.Tensor.stop_gradient.__get__(self)

    @stop_gradient.setter
    def stop_gradient(self, stopped):
        paddle.Tensor.stop_gradient.__set__(self, stopped)
        if not stopped:
            overwrite_gradient(self)

    def backward(self, backward_strategy=None, retain_graph=False):
        """Compute the gradients of all leaves; they replace those of an earlier pass instead of adding to them."""
        global _in_fluid_backward
        if not self.stop_gradient:
            self.retain_grads()
        before, _in_fluid_backward = _in_fluid_backward, True
        try:
            paddle.Tensor.backward(self, retain_graph=retain_graph)
        finally:
            _in_fluid_backward = before

    def gradient(self):
        """Return the gradient as a numpy array, None where there is none; a sparse one as (values, row numbers)."""
        gradient = self.grad
        if gradient is not None and gradient.is_selected_rows():
            return as_pair(gradient)
        return None if gradient is None else as_variable(gradient).numpy()

    def to_string(self, throw_on_error=True, with_details=False):
        """Return name, type, shape and values as text."""
        return f"name {self.name}, dtype: {self.dtype} shape: {list(self.shape)} {self.numpy()}"

    @property
    def block(self):
        if not paddle.in_dynamic_mode():  # Paddle's own translation, on the way to a file
            return paddle.static.default_main_program().global_block()
        return default_main_program().global_block()


class Variable(Arithmetic, paddle.Tensor):
    """A tensor of fluid (the `VarBase` of Paddle 1.8)."""


class Parameter(Arithmetic, EagerParamBase):
    """A trainable tensor of fluid, owned by a layer."""

    def __deepcopy__(self, memo):
        copied = super().__deepcopy__(memo)
        copied.__class__ = Parameter
        copied._overwrites = False  # the copy has no hook yet
        overwrite_gradient(copied)
        return copied
