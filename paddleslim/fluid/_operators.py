"""Paddle's operators by the names they had in fluid: what `append_op`, `trace_op` and `core.ops` run."""

from __future__ import annotations

import contextlib
import functools

import paddle
from paddle import _legacy_C_ops
from paddle.base import framework

from ._absent_names import EQUIVALENTS, RESTORED
from ._names import OPERATORS, find_home
from ._variable import as_variable, plain

__all__ = ["Operators", "run_operator"]


def find_operator(name):
    """Return Paddle's function of an operator.

    Raises:
        NotImplementedError: Paddle has dropped the operator.
        AttributeError: fluid had no such operator.
    """
    function = vars(_legacy_C_ops).get(name)
    if function is not None:
        return function
    if find_home(OPERATORS, name) is None:
        raise AttributeError(f"neither Paddle 1.8 nor Paddle {paddle.__version__} has an operator {name!r}")
    restored = f"fluid.layers.{RESTORED.get(name, name)}" if name in RESTORED else None
    equivalent = restored or EQUIVALENTS.get(f"layers.{name}", "functions of fluid.layers or paddle that compute it")
    raise NotImplementedError(
        f"Paddle {paddle.__version__} has dropped the operator {name!r}; today's equivalent: {equivalent}"
    )


def run_operator(type, inputs=None, outputs=None, attrs=None, stop_gradient=False):
    """Run an operator by its name, and leave its results in the variables given as outputs.

    Args:
        type: such as 'elementwise_add'.
        inputs, outputs: variables, or lists of them, by the operator's names for them, such as 'X' and 'Out'.
        attrs: the operator's other arguments, by name.
        stop_gradient: True for results without a gradient.

    Raises:
        NotImplementedError: Paddle has dropped the operator.
    """
    find_operator(type)
    targets = {name: as_list(value) for name, value in (outputs or {}).items() if value is not None}
    results = {name: [paddle.empty([0]) for _ in variables] for name, variables in targets.items()}
    arguments = {name: plain(as_list(value)) for name, value in (inputs or {}).items() if value is not None}
    settings = {name: as_attribute(value) for name, value in (attrs or {}).items() if value is not None}
    with paddle.no_grad() if stop_gradient else contextlib.nullcontext():
        framework._dygraph_tracer().trace_op(type, arguments, results, settings)
    for name, variables in targets.items():
        for variable, result in zip(variables, results[name]):
            adopt(variable, result)


def as_list(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def as_attribute(value):
    """Return an attribute as operators take it: the number of a type, text for a name."""
    if isinstance(value, paddle.dtype):
        # In Paddle 2 a type is its number, in Paddle 3 no more.
        convert = getattr(framework, "convert_np_dtype_to_proto_type", lambda name: value)
        return int(convert(str(value).rpartition(".")[2]))
    return value


def adopt(variable, result):
    """Let a variable be the result of an operator, [1] for a single number."""
    variable._inplace_assign(result.reshape([1]) if result.ndim == 0 else result)
    if not variable.stop_gradient and not variable.is_leaf:
        variable.retain_grads()


class Operators:
    """`fluid.core.ops`: an operator `op(*inputs, 'attribute', value, ...)` is an attribute of this object."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return in_fluid(name, find_operator(name))

    def __dir__(self):
        return [name for name in vars(_legacy_C_ops) if not name.startswith("_")]


def in_fluid(name, operator):
    """Return Paddle's function of an operator, with fluid's variables as inputs and results."""
    kinds = _legacy_C_ops.get_core_ops_args_type_info().get(name, [])

    @functools.wraps(operator)
    def run(*args):
        arguments = [as_attribute(plain(value)) for value in args]
        for i, kind in enumerate(kinds[: len(arguments)]):
            if kind == "list" and isinstance(arguments[i], int):
                # Fluid was told how many results there are; today's operators take the results themselves.
                arguments[i] = [paddle.empty([0]) for _ in range(arguments[i])]
        return as_variables(operator(*arguments))

    return run


def as_variables(results):
    """Return tensors, also in lists and tuples, as variables."""
    if isinstance(results, (list, tuple)):
        return type(results)(map(as_variables, results))
    return as_variable(results)
