"""Images and feature maps: pooling, sizes, channels."""

from __future__ import annotations

import numpy as np
import paddle
from paddle.nn import functional as F

from .._functions.activations import append_activation
from .._functions.lengths import repeat
from .._functions.pooling import pool
from .._variable import fluid_function
from ._shape import numbers

__all__ = [
    "adaptive_pool2d",
    "adaptive_pool3d",
    "affine_channel",
    "affine_grid",
    "grid_sampler",
    "image_resize",
    "image_resize_short",
    "interpolate",
    "lrn",
    "maxout",
    "pixel_shuffle",
    "pool2d",
    "pool3d",
    "resize_bilinear",
    "resize_nearest",
    "resize_trilinear",
    "shuffle_channel",
    "space_to_depth",
    "temporal_shift",
    "unfold",
]


def pool2d(
    input,
    pool_size=-1,
    pool_type="max",
    pool_stride=1,
    pool_padding=0,
    global_pooling=False,
    use_cudnn=True,
    ceil_mode=False,
    name=None,
    exclusive=True,
    data_format="NCHW",
):
    """Return maxima or averages of windows of [N, C, H, W]; see `Pool2D`."""
    return pool_channels_first(
        input, 2, data_format, pool_size, pool_type, pool_stride, pool_padding, global_pooling, ceil_mode, exclusive
    )


def pool3d(
    input,
    pool_size=-1,
    pool_type="max",
    pool_stride=1,
    pool_padding=0,
    global_pooling=False,
    use_cudnn=True,
    ceil_mode=False,
    name=None,
    exclusive=True,
    data_format="NCDHW",
):
    """Return maxima or averages of windows of [N, C, D, H, W]; see `Pool2D`."""
    return pool_channels_first(
        input, 3, data_format, pool_size, pool_type, pool_stride, pool_padding, global_pooling, ceil_mode, exclusive
    )


def pool_channels_first(
    input, dimensions, data_format, size, pool_type, stride, padding, global_pooling, ceil_mode, exclusive
):
    if data_format[1] != "C":
        raise ValueError(f"data_format must have its channels second, got {data_format!r}; transpose the input")
    size, stride, padding = (
        repeat(value, dimensions, name)
        for value, name in ((size, "pool_size"), (stride, "pool_stride"), (padding, "pool_padding"))
    )
    return pool(input, pool_type, size, stride, padding, global_pooling, ceil_mode, exclusive)


@fluid_function
def adaptive_pool2d(input, pool_size, pool_type="max", require_index=False, name=None):
    """Return maxima or averages over `pool_size` windows; with their positions for `require_index`."""
    if pool_type == "max":
        return F.adaptive_max_pool2d(input, pool_size, require_index)
    return F.adaptive_avg_pool2d(input, pool_size)


@fluid_function
def adaptive_pool3d(input, pool_size, pool_type="max", require_index=False, name=None):
    """Return maxima or averages over `pool_size` windows; with their positions for `require_index`."""
    if pool_type == "max":
        return F.adaptive_max_pool3d(input, pool_size, require_index)
    return F.adaptive_avg_pool3d(input, pool_size)


def image_resize(
    input,
    out_shape=None,
    scale=None,
    name=None,
    resample="BILINEAR",
    actual_shape=None,
    align_corners=True,
    align_mode=1,
    data_format="NCHW",
):
    """Return the images in another size, `out_shape` or `scale` times the present one.

    Args:
        resample: 'BILINEAR', 'TRILINEAR' or 'NEAREST'.
        align_corners: the corner pixels stay at the corners.
        align_mode: without align_corners: 0 counts from the centres of pixels, 1 from their edges.

    Raises:
        ValueError: there is no such `resample`, or neither size nor scale is given.
    """
    modes = {"BILINEAR": "bilinear", "TRILINEAR": "trilinear", "NEAREST": "nearest"}
    if resample.upper() not in modes:
        raise ValueError(f"resample must be one of {sorted(modes)}, got {resample!r}")
    if out_shape is None and scale is None:
        raise ValueError("give out_shape or scale")
    if data_format[1] != "C":
        raise ValueError(f"data_format must have its channels second, got {data_format!r}; transpose the input")
    if out_shape is None:
        out_shape = [int(length * float(scale)) for length in input.shape[2:]]
    return resize(input, numbers(out_shape), modes[resample.upper()], align_corners, align_mode)


@fluid_function
def resize(x, lengths, mode, align_corners, align_mode):
    if mode != "nearest":
        data_format = {3: "NCW", 4: "NCHW", 5: "NCDHW"}[x.ndim]
        return F.interpolate(
            x, lengths, mode=mode, align_corners=align_corners, align_mode=align_mode, data_format=data_format
        )
    for axis, (old, new) in enumerate(zip(x.shape[2:], lengths), start=2):
        # Corners aligned: pixel j comes from round(j (old - 1) / (new - 1)); else from floor(j old / new).
        ratio = (old - 1) / (new - 1) if align_corners and new > 1 else 0.0 if align_corners else old / new
        positions = np.arange(new) * np.float32(ratio) + (0.5 if align_corners else 0.0)
        x = paddle.index_select(x, paddle.to_tensor(positions.astype("int64")), axis)
    return x


interpolate = image_resize


def resize_bilinear(
    input,
    out_shape=None,
    scale=None,
    name=None,
    actual_shape=None,
    align_corners=True,
    align_mode=1,
    data_format="NCHW",
):
    """Return the images in another size, bilinearly; see `image_resize`."""
    return image_resize(input, out_shape, scale, name, "BILINEAR", actual_shape, align_corners, align_mode, data_format)


def resize_trilinear(
    input,
    out_shape=None,
    scale=None,
    name=None,
    actual_shape=None,
    align_corners=True,
    align_mode=1,
    data_format="NCDHW",
):
    """Return the volumes in another size, trilinearly; see `image_resize`."""
    return image_resize(
        input, out_shape, scale, name, "TRILINEAR", actual_shape, align_corners, align_mode, data_format
    )


def resize_nearest(
    input, out_shape=None, scale=None, name=None, actual_shape=None, align_corners=True, data_format="NCHW"
):
    """Return the images in another size, each pixel a copy; see `image_resize`."""
    return image_resize(input, out_shape, scale, name, "NEAREST", actual_shape, align_corners, 1, data_format)


def image_resize_short(input, out_short_len, resample="BILINEAR"):
    """Return the images with their shorter side `out_short_len` long, the other one in proportion."""
    sides = list(input.shape[2:4])
    ratio = float(out_short_len) / min(sides)
    lengths = [out_short_len if side == min(sides) else int(side * ratio + 0.5) for side in sides]
    if sides[0] == sides[1]:
        lengths = [out_short_len, int(sides[1] * ratio + 0.5)]
    return image_resize(input, lengths, resample=resample)


@fluid_function
def lrn(input, n=5, k=1.0, alpha=1e-4, beta=0.75, name=None, data_format="NCHW"):
    """Return input / (k + alpha * sum of squares over n neighbouring channels)^beta."""
    return F.local_response_norm(input, n, alpha * n, beta, k, data_format)


@fluid_function
def maxout(x, groups, name=None, axis=1):
    """Return the maxima over each `groups` neighbouring channels."""
    return F.maxout(x, groups, axis)


@fluid_function
def pixel_shuffle(x, upscale_factor):
    """Return [N, C, H r, W r] for [N, C r^2, H, W]."""
    return F.pixel_shuffle(x, upscale_factor)


@fluid_function
def shuffle_channel(x, group, name=None):
    """Return x with channel j of group i as group i of channel j (ShuffleNet)."""
    return F.channel_shuffle(x, group)


@fluid_function
def space_to_depth(x, blocksize, name=None):
    """Return [N, C b^2, H / b, W / b] for [N, C, H, W], laid out as Paddle 1.8 did.

    Its element (n, k, j, i) went to place (n, c2, j b + offset // b, i b + offset % b) of a tensor
    [N, C / b^2, H b, W b], with c2 = k % (C / b^2) and offset = k // (C / b^2), read as [N, C b^2, H / b, W / b].
    """
    b = blocksize
    n, c, h, w = x.shape
    depth = c // (b * b)
    blocks = x.reshape([n, b, b, depth, h, w]).transpose([0, 3, 4, 1, 5, 2])
    return blocks.reshape([n, c * b * b, h // b, w // b])


@fluid_function
def temporal_shift(x, seg_num, shift_ratio=0.25, name=None):
    """Return frames [N seg_num, C, H, W] with a share of the channels moved one frame back, another one forth."""
    return F.temporal_shift(x, seg_num, shift_ratio)


@fluid_function
def unfold(x, kernel_sizes, strides=1, paddings=0, dilations=1, name=None):
    """Return the windows of the images as columns, [N, C * window, windows]."""
    return F.unfold(x, kernel_sizes, strides, paddings, dilations)


@fluid_function
def affine_grid(theta, out_shape, name=None):
    """Return the positions that `grid_sampler` reads for an affine map theta [N, 2, 3], [N, H, W, 2]."""
    return F.affine_grid(theta, numbers(out_shape))


@fluid_function
def grid_sampler(x, grid, name=None):
    """Return the images read at the positions `grid` [N, H, W, 2] in [-1, 1], bilinearly, zero outside."""
    return F.grid_sample(x, grid)


@fluid_function
def affine_channel_plain(x, scale, bias, axis):
    lengths = [1] * x.ndim
    lengths[axis] = -1
    scaled = x if scale is None else x * scale.reshape(lengths)
    return scaled if bias is None else scaled + bias.reshape(lengths)


def affine_channel(x, scale=None, bias=None, data_layout="NCHW", name=None, act=None):
    """Return x * scale + bias, one number of each for a channel."""
    return append_activation(affine_channel_plain(x, scale, bias, 1 if data_layout == "NCHW" else -1), act)
