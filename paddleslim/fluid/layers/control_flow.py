"""`fluid.layers.control_flow`: comparisons, and Python's own control flow."""

from __future__ import annotations

import paddle

from .._absent import absent
from .._variable import Arithmetic, as_variable, fluid_function

__all__ = [
    "Print",
    "array_length",
    "array_read",
    "array_write",
    "case",
    "cond",
    "create_array",
    "equal",
    "greater_equal",
    "greater_than",
    "increment",
    "is_empty",
    "less_equal",
    "less_than",
    "not_equal",
    "switch_case",
    "while_loop",
]


def comparison(compute, name):
    """Return fluid's comparison of two variables, copied into `cond` where one is given."""

    @fluid_function
    def wrapped(x, y, cond=None, force_cpu=None):
        result = compute(x, y)
        return result if cond is None else paddle.assign(result, cond)

    wrapped.__name__ = wrapped.__qualname__ = name
    wrapped.__doc__ = f"Return where x is {name.replace('_', ' ')} y, as bool."
    return wrapped


equal = comparison(paddle.equal, "equal")
not_equal = comparison(paddle.not_equal, "not_equal")
greater_than = comparison(paddle.greater_than, "greater_than")
greater_equal = comparison(paddle.greater_equal, "greater_equal")
less_equal = comparison(paddle.less_equal, "less_equal")


@fluid_function
def less_than(x, y, force_cpu=None, cond=None):
    """Return where x is less than y, as bool."""
    result = paddle.less_than(x, y)
    return result if cond is None else paddle.assign(result, cond)


def increment(x, value=1.0, in_place=True):
    """Return x + value; x itself, changed, unless `in_place` is False."""
    total = as_variable(x) + value
    if not in_place:
        return total
    paddle.assign(total, x)
    return x


@fluid_function
def is_empty(x, cond=None):
    """Return whether x has no element, bool [1]."""
    return paddle.is_empty(x)


def Print(input, *args, message=None, **kwargs):
    """Print the variable, and return it."""
    print(f"{message or ''} {Arithmetic.to_string(input)}".strip())
    return input


def create_array(dtype):
    """Return an empty list of variables."""
    return []


def array_write(x, i, array=None):
    """Put x at place i of a list, new if None, and return the list."""
    array = [] if array is None else array
    place = int(i)
    if place > len(array):
        raise IndexError(f"place {place} of a list of {len(array)} cannot be written; write them in order")
    array[place : place + 1] = [x]
    return array


def array_read(array, i):
    """Return the variable at place i of a list."""
    return array[int(i)]


def array_length(array):
    """Return the length of a list, int64 [1]."""
    return as_variable(paddle.to_tensor([len(array)], dtype="int64"))


def cond(pred, true_fn=None, false_fn=None, name=None):
    """Return true_fn() where `pred` is true, else false_fn(); None for no function."""
    function = true_fn if pred else false_fn
    return None if function is None else function()


def case(pred_fn_pairs, default=None, name=None):
    """Return fn() of the first pair (pred, fn) whose `pred` is true, else default(), else the last fn()."""
    for pred, function in pred_fn_pairs:
        if pred:
            return function()
    fallback = default or pred_fn_pairs[-1][1]
    return fallback()


def switch_case(branch_index, branch_fns, default=None, name=None):
    """Return the function of number `branch_index`, called; else default(), else that of the largest number."""
    numbered = branch_fns.items() if isinstance(branch_fns, dict) else branch_fns
    functions: dict = dict(pair if isinstance(pair, tuple) else (i, pair) for i, pair in enumerate(numbered))
    fallback = default or functions[max(functions)]
    return functions.get(int(branch_index), fallback)()


def while_loop(cond, body, loop_vars, is_test=False, name=None):
    """Return loop_vars after body(*loop_vars) while cond(*loop_vars) is true."""
    while cond(*loop_vars):
        result = body(*loop_vars)
        loop_vars = list(result) if isinstance(result, (list, tuple)) else [result]
    return loop_vars


__getattr__ = absent(__name__)
