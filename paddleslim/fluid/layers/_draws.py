"""Random variables, and dropout as a function."""

from __future__ import annotations

import numpy as np
import paddle

from .. import _random
from .._functions.dropout import drop
from .._program import default_main_program
from .._tracer import is_training
from .._variable import as_variable
from ._shape import numbers
from .tensor import borrow_length

__all__ = [
    "dropout",
    "gaussian_random",
    "gaussian_random_batch_size_like",
    "randint",
    "randn",
    "randperm",
    "sampling_id",
    "uniform_random",
    "uniform_random_batch_size_like",
]


def dropout(
    x,
    dropout_prob,
    is_test=False,
    seed=None,
    name=None,
    dropout_implementation="downgrade_in_infer",
):
    """Return x with each element zeroed with probability `dropout_prob` in training.

    Training is what `Layer.train()` or `Layer.eval()` said last, and never inside `no_grad`: `is_test` had no effect
    in dygraph and has none. 'downgrade_in_infer' multiplies by 1 - dropout_prob in evaluation, 'upscale_in_train'
    divides by it in training.
    """
    seed = seed or default_main_program().random_seed
    return drop(x, dropout_prob, is_training(), seed, dropout_implementation)


def uniform_random(shape, dtype="float32", min=-1.0, max=1.0, seed=0):
    """Return uniform numbers between `min` and `max`; the same every time for a seed."""
    return as_variable(paddle.to_tensor(_random.uniform(numbers(shape), min, max, own_seed(seed))).cast(dtype))


def gaussian_random(shape, mean=0.0, std=1.0, seed=0, dtype="float32"):
    """Return normal numbers; the same every time for a seed."""
    return as_variable(paddle.to_tensor(_random.normal(numbers(shape), mean, std, own_seed(seed))).cast(dtype))


def own_seed(seed):
    """Return `seed`, or one drawn from Paddle's generator: these functions did not heed the program's seed."""
    return seed or paddle.randint(1, _random.MODULUS, [1]).item()


def sampling_id(x, min=0.0, max=1.0, seed=0, dtype="float32"):
    """Return a column drawn for each row of x [N, classes], with the probabilities in it; int64 [N].

    As in Paddle 1.8, a draw r between `min` and `max` chooses the first column at which the sum of the row exceeds r,
    the last one where none does; without a seed the draws differ every time.
    """
    draws = _random.uniform([x.shape[0], 1], min, max, own_seed(seed))
    rows = np.asarray(x.numpy(), np.float32)
    left = draws - np.cumsum(rows, axis=1, dtype=np.float32)
    chosen = np.where((left < 0).any(axis=1), (left < 0).argmax(axis=1), rows.shape[1] - 1)
    return as_variable(paddle.to_tensor(chosen.astype(np.int64)))


def uniform_random_batch_size_like(
    input, shape, dtype="float32", input_dim_idx=0, output_dim_idx=0, min=-1.0, max=1.0, seed=0
):
    """Return `uniform_random` with one length taken from `input`."""
    return uniform_random(borrow_length(shape, input, input_dim_idx, output_dim_idx), dtype, min, max, seed)


def gaussian_random_batch_size_like(
    input, shape, input_dim_idx=0, output_dim_idx=0, mean=0.0, std=1.0, seed=0, dtype="float32"
):
    """Return `gaussian_random` with one length taken from `input`."""
    return gaussian_random(borrow_length(shape, input, input_dim_idx, output_dim_idx), mean, std, seed, dtype)


def randint(low, high=None, shape=None, out=None, dtype=None, device=None, stop_gradient=False, seed=0, name=None):
    """Return whole numbers from `low` to before `high`, from Paddle's generator."""
    return into(out, paddle.randint(low, high, shape or [1], dtype or "int64"))


def randn(shape, out=None, dtype=None, device=None, stop_gradient=True, name=None):
    """Return standard normal numbers from Paddle's generator."""
    return into(out, paddle.randn(shape, dtype or "float32"))


def randperm(n, out=None, dtype="int64", device=None, stop_gradient=True, seed=0):
    """Return 0 .. n - 1 in random order, from Paddle's generator."""
    return into(out, paddle.randperm(n, dtype))


def into(out, result):
    """Return `result` as a variable, copied into `out` where one is given."""
    return as_variable(result) if out is None else paddle.assign(result, out)
