"""Shapes, order and selection of elements."""

from __future__ import annotations

import numpy as np
import paddle
from paddle.nn import functional as F

from .._functions.activations import append_activation
from .._variable import as_variable, fluid_function

__all__ = [
    "crop",
    "crop_tensor",
    "expand",
    "expand_as",
    "flatten",
    "flip",
    "gather",
    "gather_nd",
    "gather_tree",
    "index_sample",
    "index_select",
    "meshgrid",
    "multiplex",
    "nonzero",
    "one_hot",
    "pad",
    "pad2d",
    "pad_constant_like",
    "rank",
    "reshape",
    "roll",
    "scatter",
    "scatter_nd",
    "scatter_nd_add",
    "shape",
    "shard_index",
    "size",
    "slice",
    "split",
    "squeeze",
    "stack",
    "strided_slice",
    "t",
    "topk",
    "transpose",
    "unique",
    "unique_with_counts",
    "unsqueeze",
    "unstack",
    "where",
]


def number(value):
    """Return a whole number that may come as a variable."""
    return int(value.item()) if isinstance(value, paddle.Tensor) else value


def scalar(value):
    """Return a number that may come as a variable, as a float."""
    return float(value.item() if isinstance(value, paddle.Tensor) else value)


def numbers(values):
    """Return a list of whole numbers that may come as variables, or as one variable."""
    return values.tolist() if isinstance(values, paddle.Tensor) else [number(value) for value in values]


reshape_plain = fluid_function(paddle.reshape)


def reshape(x, shape, actual_shape=None, act=None, inplace=False, name=None):
    """Return x in another shape: 0 keeps the length of that dimension, -1 takes what is left.

    Raises:
        TypeError: `shape` is no list or tuple of integers.
    """
    if not isinstance(shape, (list, tuple)):
        raise TypeError(f"shape must be a list of integers, got {type(shape).__name__}")
    return append_activation(reshape_plain(x, [int(length) for length in shape]), act)


@fluid_function
def squeeze(input, axes, name=None):
    """Return the variable without those dimensions of length 1; without all of them for axes=[]."""
    return paddle.squeeze(input, axes or None)


@fluid_function
def unsqueeze(input, axes, name=None):
    """Return the variable with a dimension of length 1 put in at each of `axes`."""
    return paddle.unsqueeze(input, number(axes) if isinstance(axes, (int, paddle.Tensor)) else numbers(axes))


@fluid_function
def transpose(x, perm, name=None):
    """Return x with dimension perm[i] as its i-th."""
    return paddle.transpose(x, perm)


@fluid_function
def t(input, name=None):
    """Return the transpose of a matrix; a vector as it is."""
    return paddle.t(input)


@fluid_function
def flatten(x, axis=1, name=None):
    """Return x as a matrix: dimensions before `axis` as rows, the others as columns."""
    rows = int(np.prod(x.shape[:axis]))
    return x.reshape([rows, -1])


@fluid_function
def expand(x, expand_times, name=None):
    """Return x repeated `expand_times[i]` times along dimension i (today's `paddle.tile`)."""
    return paddle.tile(x, numbers(expand_times))


@fluid_function
def expand_as(x, target_tensor, name=None):
    """Return x repeated to the shape of `target_tensor`, whose lengths must be multiples."""
    return paddle.tile(x, [whole // part for whole, part in zip(target_tensor.shape, x.shape)])


@fluid_function
def split(input, num_or_sections, dim=-1, name=None):
    """Return the parts along `dim`: so many equal ones, or of the given lengths."""
    sections = num_or_sections if isinstance(num_or_sections, int) else numbers(num_or_sections)
    return paddle.split(input, sections, number(dim))


@fluid_function
def stack(x, axis=0):
    """Return a list of variables side by side in a new dimension."""
    return paddle.stack(list(x) if isinstance(x, (list, tuple)) else [x], axis)


@fluid_function
def unstack(x, axis=0, num=None):
    """Return a list of the parts of length 1 along `axis`, without that dimension."""
    return paddle.unstack(x, axis, num)


@fluid_function
def slice(input, axes, starts, ends):
    """Return input[starts[i]:ends[i]] in each dimension axes[i]."""
    return paddle.slice(input, axes, numbers(starts), numbers(ends))


@fluid_function
def strided_slice(input, axes, starts, ends, strides):
    """Return input[starts[i]:ends[i]:strides[i]] in each dimension axes[i]."""
    return paddle.strided_slice(input, axes, numbers(starts), numbers(ends), numbers(strides))


@fluid_function
def gather(input, index, overwrite=True):
    """Return the rows of `input` by number; `index` is [N] or [N, 1].

    With `overwrite` a row that is taken several times gets the gradient of the last time only, else their sum.
    """
    index = index.reshape([-1])
    rows = paddle.gather(input, index)
    if not overwrite or rows.stop_gradient:
        return rows
    later = paddle.triu(index.unsqueeze(1) == index.unsqueeze(0), 1).any(1)
    if not bool(later.any()):
        return rows
    return paddle.where(later.reshape([-1] + [1] * (rows.ndim - 1)), rows.detach(), rows)


@fluid_function
def gather_nd(input, index, name=None):
    """Return the elements, or parts, at the positions in the last dimension of `index`."""
    return paddle.gather_nd(input, index)


@fluid_function
def gather_tree(ids, parents):
    """Return the whole paths of a beam search from the steps' ids and parents, [time, batch, beam]."""
    return F.gather_tree(ids, parents)


@fluid_function
def scatter(input, index, updates, name=None, overwrite=True):
    """Return `input` with rows replaced by `updates`; overwrite=False adds those of one row up.

    The gradient of `input` is that of the result, in the replaced rows too, as in Paddle 1.8.
    """
    replaced = paddle.scatter(input.detach(), index.reshape([-1]), updates, overwrite)
    return replaced + (input - input.detach())


@fluid_function
def scatter_nd_add(ref, index, updates, name=None):
    """Return `ref` plus `updates` at the positions in the last dimension of `index`."""
    return paddle.scatter_nd_add(ref, index, updates)


@fluid_function
def scatter_nd(index, updates, shape, name=None):
    """Return zeros of `shape` plus `updates` at the positions in the last dimension of `index`."""
    return paddle.scatter_nd(index, updates, shape)


@fluid_function
def index_select(input, index, dim=0):
    """Return the parts of `input` along `dim` by number."""
    return paddle.index_select(input, index, dim)


@fluid_function
def index_sample(x, index):
    """Return x[i, index[i, j]]."""
    return paddle.index_sample(x, index)


@fluid_function
def multiplex(inputs, index):
    """Return row i of inputs[index[i]]."""
    return paddle.multiplex(inputs, index)


def topk(input, k, name=None):
    """Return the k largest values along the last dimension and where they are, both without gradient."""
    values, indices = (as_variable(part.detach()) for part in paddle.topk(input, number(k)))
    return values, indices


@fluid_function
def one_hot(input, depth, allow_out_of_range=False):
    """Return [..., depth] for numbers [..., 1], all zero but a 1 at the number.

    Raises:
        ValueError: a number is outside [0, depth) and `allow_out_of_range` is False.
    """
    depth = number(depth)
    rows = input.reshape(input.shape[:-1]) if input.ndim > 1 else input
    return encode(rows, depth, allow_out_of_range)


def encode(rows, depth, allow_out_of_range):
    """Return the one-hot float32 tensor of whole numbers, a dimension more than they have."""
    if not allow_out_of_range and bool(((rows < 0) | (rows >= depth)).any()):
        raise ValueError(f"a number is outside [0, {depth}); say allow_out_of_range=True for a row of zeros")
    return (rows.unsqueeze(-1) == paddle.arange(depth, dtype=rows.dtype)).cast("float32").detach()


@fluid_function
def shape(input):
    """Return the lengths of the dimensions as an int32 variable."""
    return paddle.to_tensor(list(input.shape), dtype="int32")


@fluid_function
def size(input):
    """Return the number of elements as an int64 variable [1]."""
    return paddle.to_tensor([int(np.prod(input.shape))], dtype="int64")


@fluid_function
def rank(input):
    """Return the number of dimensions as an int32 variable [1]."""
    return paddle.to_tensor([input.ndim], dtype="int32")


@fluid_function
def where(condition):
    """Return the positions where `condition` is True, int64 [count, dimensions]."""
    return paddle.nonzero(condition)


@fluid_function
def nonzero(input, as_tuple=False):
    """Return the positions that are not 0, int64 [count, dimensions]; one variable for each dimension as tuple."""
    return paddle.nonzero(input, as_tuple)


def unique(x, dtype="int32"):
    """Return the different values in the order of their first appearance, and which one each element is."""
    values, positions, _ = unique_with_counts(x, dtype)
    return values, positions


def unique_with_counts(x, dtype="int32"):
    """Return the different values in the order of their first appearance, which one each element is, and counts."""
    values, first, which, counts = np.unique(x.numpy(), return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(first)
    places = np.argsort(order)
    results = values[order], places[which.reshape(-1)].astype(dtype), counts[order].astype(dtype)
    return tuple(as_variable(paddle.to_tensor(result)) for result in results)


@fluid_function
def pad(x, paddings, pad_value=0.0, name=None):
    """Return x with so many elements before and after each dimension: [before 0, after 0, before 1, ...]."""
    # A slice of a larger block of `pad_value`, because Paddle's own order of paddings depends on the rank.
    befores, afters = paddings[::2], paddings[1::2]
    for axis, (before, after) in enumerate(zip(befores, afters)):
        ends = []
        for count in (before, after):
            lengths = list(x.shape)
            lengths[axis] = count
            ends.append(paddle.full(lengths, pad_value, x.dtype))
        x = paddle.concat([ends[0], x, ends[1]], axis) if before or after else x
    return x


@fluid_function
def pad_constant_like(x, y, pad_value=0.0, name=None):
    """Return y padded at the end of each dimension to the shape of x."""
    paddings = [count for whole, part in zip(x.shape, y.shape) for count in (0, whole - part)]
    return pad(y, paddings, pad_value)


@fluid_function
def pad2d(input, paddings=(0, 0, 0, 0), mode="constant", pad_value=0.0, data_format="NCHW", name=None):
    """Return the images padded by [top, bottom, left, right]; mode 'constant', 'reflect' or 'edge'."""
    modes = {"constant": "constant", "reflect": "reflect", "edge": "replicate"}
    if mode not in modes:
        raise ValueError(f"mode must be one of {sorted(modes)}, got {mode!r}")
    top, bottom, left, right = numbers(paddings)
    return F.pad(input, [left, right, top, bottom], modes[mode], pad_value, data_format)


@fluid_function
def crop_tensor(x, shape=None, offsets=None, name=None):
    """Return the part of x of the given shape from `offsets` on; -1 in the shape takes the rest."""
    return paddle.crop(x, numbers(shape), None if offsets is None else numbers(offsets))


@fluid_function
def crop(x, shape=None, offsets=None, name=None):
    """Return the part of x of the given shape, or that of a variable, from `offsets` on."""
    lengths = list(shape.shape) if isinstance(shape, paddle.Tensor) else list(shape)
    return paddle.crop(x, lengths, None if offsets is None else numbers(offsets))


@fluid_function
def flip(input, dims, name=None):
    """Return the variable with the order along `dims` reversed."""
    return paddle.flip(input, dims)


@fluid_function
def roll(input, shifts, dims=None):
    """Return the variable with elements moved on by `shifts` along `dims`, the last ones to the front."""
    return paddle.roll(input, shifts, dims)


@fluid_function
def meshgrid(input, name=None):
    """Return the coordinates of a grid, one variable for each vector."""
    return paddle.meshgrid(*input)


@fluid_function
def shard_index(input, index_num, nshards, shard_id, ignore_value=-1):
    """Return the numbers as they count inside shard `shard_id` of `nshards`, `ignore_value` for those outside."""
    return paddle.shard_index(input, index_num, nshards, shard_id, ignore_value)
