"""Gradients by differences, in float64."""

import contextlib

import numpy as np
import paddle


@contextlib.contextmanager
def in_float64():
    before = paddle.get_default_dtype()
    paddle.set_default_dtype("float64")
    try:
        yield
    finally:
        paddle.set_default_dtype(before)


def differentiate(function, tensor, step=1e-4):
    """Return the gradient of `function()`, a number, in the numbers of `tensor` by differences of fourth order."""
    start = tensor.numpy().copy()
    gradient = np.zeros_like(start)
    for index in np.ndindex(*start.shape):
        values = []
        for shift in (-2, -1, 1, 2):
            moved = start.copy()
            moved[index] += shift * step
            tensor.set_value(moved)
            values.append(function())
        gradient[index] = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)
    tensor.set_value(start)
    return gradient


def table(seed=0, edges=3, operations=4, scale=1.0):
    """Return alphas `[edges, operations]` in float64 that can be differentiated."""
    values = np.random.default_rng(seed).standard_normal([edges, operations]) * scale
    return paddle.to_tensor(values, stop_gradient=False)


def gradient_error(function, tensor):
    """Return how far Paddle's gradient of `function()` is from the differences, relative to the largest number."""
    (found,) = paddle.grad(function(), [tensor])
    expected = differentiate(lambda: float(function()), tensor)
    return np.abs(found.numpy() - expected).max() / np.abs(expected).max()
