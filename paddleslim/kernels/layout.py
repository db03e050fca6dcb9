"""Moving numbers between Paddle's layouts and the kernels' channels-last one, and gathering sums over a batch."""

from __future__ import annotations

from .calls import batch, distance, integers, operands, zero_of
from .lanes import LANES, add, ahead, fill, larger, load, number, put, store, transpose

__all__ = [
    "arrange", "collect", "from_planes", "narrow", "shuffle", "subsample", "to_planes", "unshuffle", "unsubsample",
    "widen",
]  # fmt: skip

BLOCK = 64  # pixels that are moved at a time, so that they stay in the nearest cache


def from_planes(call):
    """Write channels-last `out` `[pixels, step]` from `planes` `[channels, pixels]`, max(., 0) if `activate`."""
    planes, out = operands(call, 2)
    channels, step, pixels, activate = integers(call, 4)
    zero = zero_of(call)
    for begin in range(0, pixels, BLOCK):
        end = min(begin + BLOCK, pixels)
        for c in range(0, step, LANES):
            first = begin
            while c + LANES <= channels and first + LANES <= end:
                transpose(ahead(planes, c * pixels + first), pixels, ahead(out, first * step + c), step)
                first += LANES
            for k in range(c, c + LANES):
                for p in range(first, end):
                    put(ahead(out, p * step + k), number(ahead(planes, k * pixels + p)) if k < channels else zero)
        if activate:
            for i in range(begin * step, end * step, LANES):
                store(ahead(out, i), larger(load(ahead(out, i)), fill(zero)))


def to_planes(call):
    """Write `planes` `[channels, pixels]` from channels-last `x`; if `masked`, zeros where `mask` is not positive."""
    x, planes, mask = operands(call, 3)
    channels, step, pixels, masked = integers(call, 4)
    zero = zero_of(call)
    for begin in range(0, pixels, BLOCK):
        end = min(begin + BLOCK, pixels)
        for c in range(0, channels, LANES):
            first = begin
            while c + LANES <= channels and first + LANES <= end:
                transpose(ahead(x, first * step + c), step, ahead(planes, c * pixels + first), pixels)
                first += LANES
            for k in range(c, min(c + LANES, channels)):
                for p in range(first, end):
                    put(ahead(planes, k * pixels + p), number(ahead(x, p * step + k)))
            for k in range(c, min(c + LANES, channels) if masked else c):
                for p in range(begin, end):
                    if not number(ahead(mask, k * pixels + p)) > zero:
                        put(ahead(planes, k * pixels + p), zero)


def subsample(call):
    """Write pixels `first`, `first + stride`, ... of both directions; zeros beyond the image."""
    x, out = operands(call, 2)
    step, height, width, out_height, out_width, stride, first = integers(call, 7)
    zero = zero_of(call)
    for h in range(out_height):
        for w in range(out_width):
            i, j = h * stride + first, w * stride + first
            inside = i < height and j < width
            for c in range(0, step, LANES):
                pixel = fill(zero)
                if inside:
                    pixel = load(ahead(x, (i * width + j) * step + c))
                store(ahead(out, (h * out_width + w) * step + c), pixel)


def unsubsample(call):
    """Add the gradient of `subsample` to `x_gradient`."""
    gradient, x_gradient = operands(call, 2)
    step, height, width, out_height, out_width, stride, first = integers(call, 7)
    for h in range(out_height):
        for w in range(out_width):
            i, j = h * stride + first, w * stride + first
            if i < height and j < width:
                for c in range(0, step, LANES):
                    target = ahead(x_gradient, (i * width + j) * step + c)
                    store(target, add(load(target), load(ahead(gradient, (h * out_width + w) * step + c))))


def narrow(call):
    """Write the first `channels` of each pixel of x, `x_step` numbers apart, as pixels of `step`; zeros behind them."""
    x, out = operands(call, 2)
    channels, x_step, step, pixels = integers(call, 4)
    zero = zero_of(call)
    for p in range(pixels):
        for k in range(step):
            put(ahead(out, p * step + k), number(ahead(x, p * x_step + k)) if k < channels else zero)


def widen(call):
    """Add the gradient of `narrow` to `x_gradient`."""
    gradient, x_gradient = operands(call, 2)
    channels, x_step, step, pixels = integers(call, 4)
    for p in range(pixels):
        for k in range(channels):
            target = ahead(x_gradient, p * x_step + k)
            put(target, number(target) + number(ahead(gradient, p * step + k)))


def shuffle(call):
    """Write the channels of `parts` parts, the first of each and then the second of each and so on.

    The first part is `mixed`, `[pixels, mixed_step]`; the others stand behind its place in `passed`, `[pixels, step]`.
    """
    mixed, passed, out = operands(call, 3)
    parts, channels, mixed_step, step, pixels = integers(call, 5)
    zero = zero_of(call)
    for p in range(pixels):
        for j in range(channels):
            target = ahead(out, p * step + j * parts)
            put(target, number(ahead(mixed, p * mixed_step + j)))
            for q in range(1, parts):
                put(ahead(target, q), number(ahead(passed, p * step + q * channels + j)))
        for k in range(parts * channels, step):
            put(ahead(out, p * step + k), zero)


def unshuffle(call):
    """Write the gradients of `mixed` and `passed` from that of `shuffle`; zeros where these were not read."""
    gradient, mixed, passed = operands(call, 3)
    parts, channels, mixed_step, step, pixels = integers(call, 5)
    zero = zero_of(call)
    for p in range(pixels):
        for j in range(channels):
            source = ahead(gradient, p * step + j * parts)
            put(ahead(mixed, p * mixed_step + j), number(source))
            put(ahead(passed, p * step + j), zero)
            for q in range(1, parts):
                put(ahead(passed, p * step + q * channels + j), number(ahead(source, q)))
        for k in range(channels, mixed_step):
            put(ahead(mixed, p * mixed_step + k), zero)
        for k in range(parts * channels, step):
            put(ahead(passed, p * step + k), zero)


def arrange(call):
    """Write `out[i, first + j] = source[i * source_row + j * source_column]`; other columns of `step` become zero."""
    source, out = operands(call, 2)
    rows, columns, source_row, source_column, step, first = integers(call, 6)
    zero = zero_of(call)
    for i in range(rows):
        for j in range(step):
            value = zero
            if first <= j < first + columns:
                value = number(ahead(source, i * source_row + (j - first) * source_column))
            put(ahead(out, i * step + j), value)


def collect(call):
    """Write `out[i * out_row + j * out_column] = sum_n parts[n][i, first + j]`, `stride` numbers from part to part."""
    parts, out = operands(call, 2)
    rows, columns, out_row, out_column, step, first = integers(call, 6)
    stride, samples, zero = distance(call, 0), batch(call), zero_of(call)
    for i in range(rows):
        for j in range(columns):
            total = zero
            for n in range(samples):
                total += number(ahead(parts, n * stride + i * step + first + j))
            put(ahead(out, i * out_row + j * out_column), total)
