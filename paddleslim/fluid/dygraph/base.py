"""`fluid.dygraph.base`: guards, and numpy arrays as variables."""

from __future__ import annotations

import contextlib
import functools

import numpy as np
import paddle

from ...common.dygraph_mode import check_dygraph_mode
from .._absent import absent
from .._places import check_gpu, count_gpus
from .._program import fresh_programs
from .._tracer import mode
from .._variable import as_variable
from ..framework import in_dygraph_mode

__all__ = [
    "disable_dygraph",
    "disable_imperative",
    "enable_dygraph",
    "enable_imperative",
    "enabled",
    "grad",
    "guard",
    "no_grad",
    "to_variable",
]


def name_device(place):
    """Return the device of `place` as `paddle.set_device` wants it; None for the best one there is.

    Raises:
        TypeError: `place` is no place.
    """
    if place is None:
        return "gpu:0" if count_gpus() else "cpu"
    if isinstance(place, paddle.CUDAPlace):
        number = place.get_device_id()
        check_gpu(number, f"CUDAPlace({number})")
        return f"gpu:{number}"
    if isinstance(place, (paddle.CPUPlace, paddle.CUDAPinnedPlace)):
        return "cpu"
    if isinstance(place, paddle.base.core.Place):
        return f"gpu:{place.gpu_device_id()}" if place.is_gpu_place() else "cpu"
    raise TypeError(f"place must be fluid.CPUPlace() or fluid.CUDAPlace(number), got {type(place).__name__}")


@contextlib.contextmanager
def guard(place=None):
    """Compute on `place` inside the context, in training mode, with fresh names and random seed 0.

    Args:
        place: `fluid.CPUPlace()` or `fluid.CUDAPlace(number)`; None for the first GPU, or the CPU without one.
    """
    before, was_static = paddle.device.get_device(), not in_dygraph_mode()
    if was_static:  # as in Paddle 1.8, where static graphs were the rule outside of a guard
        paddle.disable_static()
    try:
        paddle.set_device(name_device(place))
        with fresh_programs(), mode(training=True):
            yield
    finally:
        paddle.set_device(before)
        if was_static:
            paddle.enable_static()


def enable_dygraph(place=None):
    """Compute on `place` from now on."""
    paddle.disable_static()
    paddle.set_device(name_device(place))


def disable_dygraph():
    """Switch to static graphs, which are out of scope here: only today's `paddle.static` can follow."""
    paddle.enable_static()


enable_imperative = enable_dygraph
disable_imperative = disable_dygraph
enabled = in_dygraph_mode


def no_grad(func=None):
    """Compute without a graph, with dropout as in evaluation: a context manager, or a decorator of `func`."""
    if func is None:
        return without_graph()

    @functools.wraps(func)
    def decorated(*args, **kwargs):
        with without_graph():
            return func(*args, **kwargs)

    return decorated


@contextlib.contextmanager
def without_graph():
    with paddle.no_grad(), mode(training=False):
        yield


def to_variable(value, name=None, zero_copy=None):
    """Return a numpy array as a Variable that needs no gradient; a variable passes through.

    Args:
        value: array or variable; its type is kept, float64 too.
        name: of the variable.
        zero_copy: accepted; the array is always copied.

    Raises:
        TypeError: `value` is neither.
    """
    check_dygraph_mode()
    if isinstance(value, paddle.Tensor):
        return as_variable(value)
    if not isinstance(value, np.ndarray):
        raise TypeError(
            f"to_variable takes a numpy array or a variable, got {type(value).__name__}; call numpy.array on it first"
        )
    variable = as_variable(paddle.to_tensor(value))
    if name:
        variable.name = name
    return variable


def grad(
    outputs,
    inputs,
    grad_outputs=None,
    retain_graph=None,
    create_graph=False,
    only_inputs=True,
    allow_unused=False,
    no_grad_vars=None,
    backward_strategy=None,
):
    """Return the gradients of the sum of `outputs` in each of `inputs`; see `paddle.grad` for the arguments."""
    gradients = paddle.grad(
        outputs,
        inputs,
        grad_outputs,
        retain_graph,
        create_graph,
        only_inputs,
        allow_unused,
        no_grad_vars,
    )
    return [as_variable(gradient) for gradient in gradients]


__getattr__ = absent(__name__)
