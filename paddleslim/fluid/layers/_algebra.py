"""Products, norms and bounds."""

from __future__ import annotations

import numpy as np
import paddle

from .._variable import fluid_function

__all__ = [
    "addcmul",
    "addmm",
    "allclose",
    "bmm",
    "clamp",
    "clip",
    "clip_by_norm",
    "cos_sim",
    "cross",
    "diag_embed",
    "dist",
    "dot",
    "fsp_matrix",
    "l2_normalize",
    "log_softmax",
    "logsumexp",
    "matmul",
    "mul",
]


@fluid_function
def matmul(x, y, transpose_x=False, transpose_y=False, alpha=1.0, name=None):
    """Return alpha * x @ y; two vectors give [1]."""
    product = paddle.matmul(x, y, transpose_x, transpose_y)
    return product if alpha == 1.0 else product * alpha


@fluid_function
def mul(x, y, x_num_col_dims=1, y_num_col_dims=1, name=None):
    """Return x @ y, each as a matrix whose rows are its first `num_col_dims` dimensions."""
    rows, columns = list(x.shape[:x_num_col_dims]), list(y.shape[y_num_col_dims:])
    left = x.reshape([int(np.prod(rows)), -1])
    right = y.reshape([-1, int(np.prod(columns))])
    return paddle.matmul(left, right).reshape(rows + columns)


@fluid_function
def bmm(x, y, name=None):
    """Return the products of two batches of matrices."""
    return paddle.bmm(x, y)


@fluid_function
def dot(x, y, name=None):
    """Return the sums of x * y along the last dimension, which stays with length 1."""
    return paddle.sum(x * y, -1, keepdim=True)


@fluid_function
def cross(input, other, dim=None):
    """Return the cross products along `dim`, the first dimension of length 3 if None."""
    return paddle.cross(input, other, next(i for i, n in enumerate(input.shape) if n == 3) if dim is None else dim)


@fluid_function
def addmm(input, x, y, alpha=1.0, beta=1.0, name=None):
    """Return beta * input + alpha * x @ y."""
    return paddle.addmm(input, x, y, beta=beta, alpha=alpha)


@fluid_function
def addcmul(input, tensor1, tensor2, value=1.0, out=None, name=None):
    """Return input + value * tensor1 * tensor2."""
    result = input + value * tensor1 * tensor2
    return result if out is None else paddle.assign(result, out)


@fluid_function
def fsp_matrix(x, y):
    """Return x @ y' / pixels of two feature maps [N, C, H, W], [N, channels of x, channels of y]."""
    pixels = x.shape[2] * x.shape[3]
    return paddle.bmm(x.flatten(2), y.flatten(2).transpose([0, 2, 1])) / pixels


@fluid_function
def dist(x, y, p=2):
    """Return the p-norm of x - y, as [1]."""
    return paddle.dist(x, y, p)


@fluid_function
def allclose(input, other, rtol=1e-05, atol=1e-08, equal_nan=False, name=None):
    """Return whether all elements are equal up to atol + rtol * |other|, as [1]."""
    return paddle.allclose(input, other, rtol, atol, equal_nan)


@fluid_function
def clip(x, min, max, name=None):
    """Return x held between `min` and `max`."""
    return paddle.clip(x, min, max)


@fluid_function
def clamp(input, min=None, max=None, output=None, name=None):
    """Return the variable held between `min` and `max`."""
    result = paddle.clip(input, min, max)
    return result if output is None else paddle.assign(result, output)


@fluid_function
def clip_by_norm(x, max_norm, name=None):
    """Return x scaled down to norm `max_norm` where it is longer; no gradient passes, as in Paddle 1.8."""
    x = x.detach()
    return x * (max_norm / paddle.clip(x.square().sum().sqrt(), min=max_norm))


@fluid_function
def l2_normalize(x, axis, epsilon=1e-12, name=None):
    """Return x / sqrt(sum of x^2 along `axis` + epsilon)."""
    axis = 0 if x.ndim == 1 else 1 if axis is None else axis
    return x / (x.square().sum(axis, keepdim=True) + epsilon).sqrt()


@fluid_function
def cos_sim(X, Y):
    """Return the cosines between the rows of X and Y, [N, 1]; Y may have one row."""
    products = (X * Y).sum(1, keepdim=True)
    return products / (X.square().sum(1, keepdim=True).sqrt() * Y.square().sum(1, keepdim=True).sqrt())


@fluid_function
def logsumexp(x, dim=None, keepdim=False, out=None, name=None):
    """Return log(sum(exp(x))) over `dim`, everything if None."""
    result = paddle.logsumexp(x, dim, keepdim)
    return result if out is None else paddle.assign(result, out)


@fluid_function
def log_softmax(input, axis=None, dtype=None, name=None):
    """Return log(softmax(input)) along `axis`, the last one if None."""
    return paddle.nn.functional.log_softmax(input, -1 if axis is None else axis, dtype)


@fluid_function
def diag_embed(input, offset=0, dim1=-2, dim2=-1):
    """Return matrices with the last dimension of `input` on their diagonals."""
    return paddle.diag_embed(input, offset, dim1, dim2)
