"""Moving numbers between Paddle's layouts and the kernels' channels-last one, and gathering sums over a batch."""

from __future__ import annotations

from .frame import batch, image_stride, integers, operands, zero_of
from .simd import (
    SIMD_WIDTH,
    add,
    broadcast,
    convert,
    load,
    load_scalar,
    maximum,
    mul,
    offset,
    scatter,
    store,
    store_scalar,
)  # fmt: skip
from .squares import prefetch_square, transpose

__all__ = [
    "average_pixels", "broadcast_pixels", "clear", "from_planes", "gather_channels", "pack", "pack_taps",
    "reduce_images", "subsample", "to_planes", "unsubsample",
]  # fmt: skip

BLOCK = 64  # pixels that are moved at a time, so that they stay in the nearest cache


def from_planes(frame):
    """Write channels-last `out` `[pixels, channel_stride]` from planes `[channels, pixels]`; ReLU if `activate`."""
    planes, out = operands(frame, 2)
    channels, channel_stride, pixels, activate = integers(frame, 4)
    zero = zero_of(frame)
    for begin in range(0, pixels, BLOCK):
        end = min(begin + BLOCK, pixels)
        for c in range(0, channel_stride, SIMD_WIDTH):
            first = begin
            while c + SIMD_WIDTH <= channels and first + SIMD_WIDTH <= end:
                place = offset(planes, c * pixels + first)
                prefetch_square(offset(place, BLOCK), pixels)
                transpose(place, pixels, offset(out, first * channel_stride + c), channel_stride, place, False)
                first += SIMD_WIDTH
            for k in range(c, c + SIMD_WIDTH):
                for p in range(first, end):
                    store_scalar(
                        offset(out, p * channel_stride + k),
                        load_scalar(offset(planes, k * pixels + p)) if k < channels else zero,
                    )
        if activate:
            for i in range(begin * channel_stride, end * channel_stride, SIMD_WIDTH):
                store(offset(out, i), maximum(load(offset(out, i)), broadcast(zero)))


def to_planes(frame):
    """Write `planes` `[channels, pixels]` from channels-last `x`; if `masked`, zeros where `mask` is not positive."""
    x, planes, mask = operands(frame, 3)
    channels, channel_stride, pixels, masked = integers(frame, 4)
    zero = zero_of(frame)
    for begin in range(0, pixels, BLOCK):
        end = min(begin + BLOCK, pixels)
        for c in range(0, channels, SIMD_WIDTH):
            first = begin
            while c + SIMD_WIDTH <= channels and first + SIMD_WIDTH <= end:
                place = offset(planes, c * pixels + first)
                prefetch_square(offset(place, BLOCK), pixels)
                if masked:
                    prefetch_square(offset(mask, c * pixels + first + BLOCK), pixels)
                above = offset(mask, c * pixels + first)
                transpose(offset(x, first * channel_stride + c), channel_stride, place, pixels, above, masked != 0)
                first += SIMD_WIDTH
            for k in range(c, min(c + SIMD_WIDTH, channels)):
                for p in range(first, end):
                    value = load_scalar(offset(x, p * channel_stride + k))
                    if masked and not load_scalar(offset(mask, k * pixels + p)) > zero:
                        value = zero
                    store_scalar(offset(planes, k * pixels + p), value)


def subsample(frame):
    """Write pixels `first`, `first + stride`, ... of both directions; zeros beyond the image."""
    x, out = operands(frame, 2)
    channel_stride, height, width, out_height, out_width, stride, first = integers(frame, 7)
    zero = zero_of(frame)
    for h in range(out_height):
        for w in range(out_width):
            i, j = h * stride + first, w * stride + first
            inside = i < height and j < width
            for c in range(0, channel_stride, SIMD_WIDTH):
                pixel = broadcast(zero)
                if inside:
                    pixel = load(offset(x, (i * width + j) * channel_stride + c))
                store(offset(out, (h * out_width + w) * channel_stride + c), pixel)


def unsubsample(frame):
    """Add the gradient of `subsample` to `x_gradient`."""
    gradient, x_gradient = operands(frame, 2)
    channel_stride, height, width, out_height, out_width, stride, first = integers(frame, 7)
    for h in range(out_height):
        for w in range(out_width):
            i, j = h * stride + first, w * stride + first
            if i < height and j < width:
                for c in range(0, channel_stride, SIMD_WIDTH):
                    target = offset(x_gradient, (i * width + j) * channel_stride + c)
                    store(target, add(load(target), load(offset(gradient, (h * out_width + w) * channel_stride + c))))


def clear(frame):
    """Write zeros, a multiple of `SIMD_WIDTH`."""
    (out,) = operands(frame, 1)
    (length,) = integers(frame, 1)
    zero = zero_of(frame)
    for i in range(0, length, SIMD_WIDTH):
        store(offset(out, i), broadcast(zero))


def gather_channels(frame):
    """Write for each pixel `out[first_out + k * stride_out] = x[first_in + k * stride_in]`, k below `channels`.

    The result is added to `out` if `keep`. Slices, concatenations, shuffles and their adjoints are made of this.
    """
    x, out = operands(frame, 2)
    lengths = integers(frame, 9)
    channels, x_channel_stride, channel_stride, pixels, first_in, stride_in, first_out, stride_out, keep = lengths
    for p in range(pixels):
        source, target = offset(x, p * x_channel_stride + first_in), offset(out, p * channel_stride + first_out)
        for k in range(channels):
            value = load_scalar(offset(source, k * stride_in))
            if keep:
                value += load_scalar(offset(target, k * stride_out))
            store_scalar(offset(target, k * stride_out), value)


def broadcast_pixels(frame):
    """Write `out[p] = x / pixels` for each pixel, the gradient of a mean over the pixels; add it if `keep`."""
    x, out = operands(frame, 2)
    channel_stride, pixels, keep = integers(frame, 3)
    share = broadcast(convert(1.0 / pixels, zero_of(frame)))
    for c in range(0, channel_stride, SIMD_WIDTH):
        value = mul(load(offset(x, c)), share)
        for p in range(pixels):
            target = offset(out, p * channel_stride + c)
            store(target, add(value, load(target)) if keep else value)


def average_pixels(frame):
    """Write the mean over the pixels, per channel."""
    x, out = operands(frame, 2)
    channel_stride, pixels = integers(frame, 2)
    zero = zero_of(frame)
    for c in range(0, channel_stride, SIMD_WIDTH):
        total = broadcast(zero)
        for p in range(pixels):
            total = add(total, load(offset(x, p * channel_stride + c)))
        store(offset(out, c), mul(total, broadcast(convert(1.0 / pixels, zero))))


def pack(frame):
    """Write `out[i, first + j] = source[i * source_row + j * source_column]`; other columns are zero.

    If `scaled`, column `first + j` is multiplied with that number of `scale`.
    """
    source, out, scale = operands(frame, 3)
    rows, columns, source_row, source_column, channel_stride, first, scaled = integers(frame, 7)
    zero = zero_of(frame)
    for i in range(rows):
        for j in range(channel_stride):
            value = zero
            if first <= j < first + columns:
                value = load_scalar(offset(source, i * source_row + (j - first) * source_column))
                if scaled:
                    value *= load_scalar(offset(scale, j))
            store_scalar(offset(out, i * channel_stride + j), value)


def pack_taps(frame):
    """Write `out[t, i, j] = source[t + i * source_row + j * source_column]`, other columns zero.

    `turned` 1 takes the taps in the opposite order. If `scaled`, column j is multiplied with that number of `scale`.
    """
    source, out, scale = operands(frame, 3)
    taps, rows, columns, source_row, source_column, channel_stride, turned, scaled = integers(frame, 8)
    zero = zero_of(frame)
    for t in range(taps):
        tap = offset(source, taps - 1 - t if turned else t)
        for i in range(rows):
            for j in range(channel_stride):
                value = zero
                if j < columns:
                    value = load_scalar(offset(tap, i * source_row + j * source_column))
                    if scaled:
                        value *= load_scalar(offset(scale, j))
                store_scalar(offset(out, (t * rows + i) * channel_stride + j), value)


def reduce_images(frame):
    """Write `out[i * out_row + j * out_column] = sum_n parts[n][i, first + j]`; add it to `out` if `keep`.

    `parts` is one matrix of rows of `channel_stride` for each image.
    """
    parts, out = operands(frame, 2)
    rows, columns, out_row, out_column, channel_stride, first, keep = integers(frame, 7)
    stride, samples, zero = image_stride(frame, 0), batch(frame), zero_of(frame)
    for i in range(rows):
        row, target, j = offset(parts, i * channel_stride + first), offset(out, i * out_row), 0
        while j < columns:
            if j + SIMD_WIDTH <= columns:
                total = broadcast(zero)
                for n in range(samples):
                    total = add(total, load(offset(row, n * stride + j)))
                scatter(total, offset(target, j * out_column), out_column, keep)
                j += SIMD_WIDTH
            else:
                single = load_scalar(offset(target, j * out_column)) if keep else zero
                for n in range(samples):
                    single += load_scalar(offset(row, n * stride + j))
                store_scalar(offset(target, j * out_column), single)
                j += 1
