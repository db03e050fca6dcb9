"""Batch norm without scale and shift: statistics of a batch, and the gradient's coefficients.

Every image gives its own mean and sum of squared deviations, which are then combined (Chan et al., 1979); this is
stable in single precision and does not depend on the number of threads. Statistics of a norm are three vectors of
`step` channels, one after the other: mean, 1 / sqrt(variance + epsilon), variance.
"""

from __future__ import annotations

import math

from numba import njit

from .calls import batch, constants, distance, integers, operands, zero_of
from .lanes import LANES, add, ahead, convert, fill, fma, load, mul, number, put, store

__all__ = ["coefficients", "moments", "move_running", "settle", "settle_running"]


@njit
def sum_of_four(s0, s1, s2, s3):
    return add(add(s0, s1), add(s2, s3))


def moments(call):
    """Write the mean and the sum of squared deviations over an image's pixels, per channel."""
    x, out = operands(call, 2)
    step, pixels = integers(call, 2)
    zero = zero_of(call)
    even = pixels - pixels % 4
    for c in range(0, step, LANES):
        s0 = s1 = s2 = s3 = fill(zero)
        for p in range(0, even, 4):
            place = ahead(x, p * step + c)
            s0 = add(s0, load(place))
            s1 = add(s1, load(ahead(place, step)))
            s2 = add(s2, load(ahead(place, 2 * step)))
            s3 = add(s3, load(ahead(place, 3 * step)))
        for p in range(even, pixels):
            s0 = add(s0, load(ahead(x, p * step + c)))
        mean = mul(sum_of_four(s0, s1, s2, s3), fill(convert(1.0 / pixels, zero)))
        store(ahead(out, c), mean)

        minus_mean = mul(mean, fill(convert(-1.0, zero)))
        s0 = s1 = s2 = s3 = fill(zero)
        for p in range(0, even, 4):
            place = ahead(x, p * step + c)
            d0, d1 = add(load(place), minus_mean), add(load(ahead(place, step)), minus_mean)
            d2 = add(load(ahead(place, 2 * step)), minus_mean)
            d3 = add(load(ahead(place, 3 * step)), minus_mean)
            s0, s1, s2, s3 = fma(d0, d0, s0), fma(d1, d1, s1), fma(d2, d2, s2), fma(d3, d3, s3)
        for p in range(even, pixels):
            d0 = add(load(ahead(x, p * step + c)), minus_mean)
            s0 = fma(d0, d0, s0)
        store(ahead(out, step + c), sum_of_four(s0, s1, s2, s3))


def settle(call):
    """Write the statistics of a batch from the `moments` of its images, `stride` numbers apart."""
    parts, out = operands(call, 2)
    step, pixels = integers(call, 2)
    stride, samples, epsilon = distance(call, 0), batch(call), constants(call)[0]
    for c in range(step):
        total = 0.0
        for n in range(samples):
            total += number(ahead(parts, n * stride + c))
        mean = total / samples
        squares = 0.0
        for n in range(samples):
            deviation = number(ahead(parts, n * stride + c)) - mean
            squares += number(ahead(parts, n * stride + step + c)) + pixels * deviation * deviation
        variance = squares / (samples * pixels)
        put(ahead(out, c), mean)
        put(ahead(out, step + c), 1.0 / math.sqrt(variance + epsilon))
        put(ahead(out, 2 * step + c), variance)


def settle_running(call):
    """Write the statistics that evaluation uses; the lanes behind the last channel get zeros."""
    running_mean, running_variance, out = operands(call, 3)
    channels, step = integers(call, 2)
    epsilon = constants(call)[0]
    for c in range(step):
        inside = c < channels
        variance = number(ahead(running_variance, c)) if inside else 0.0
        put(ahead(out, c), number(ahead(running_mean, c)) if inside else 0.0)
        put(ahead(out, step + c), 1.0 / math.sqrt(variance + epsilon) if inside else 0.0)
        put(ahead(out, 2 * step + c), variance)


def move_running(call):
    """Move the running statistics: `running = momentum * running + (1 - momentum) * batch`."""
    statistics, running_mean, running_variance = operands(call, 3)
    channels, step = integers(call, 2)
    momentum = constants(call)[1]
    for c in range(channels):
        mean, variance = number(ahead(statistics, c)), number(ahead(statistics, 2 * step + c))
        old_mean, old_variance = ahead(running_mean, c), ahead(running_variance, c)
        put(old_mean, momentum * number(old_mean) + (1.0 - momentum) * mean)
        put(old_variance, momentum * number(old_variance) + (1.0 - momentum) * variance)


def coefficients(call):
    """Write what turns the gradient of a weighed norm's output into that of its input.

    With y = weight * (x - mean) * r and d the gradient of y's target, per channel
    `dx = weight r (d - mean(d) - (x - mean) r mean(d (x - mean) r))`, which is `out[0] d + out[1] x + out[2]`.
    `products` holds sum(d x) and `sums` sum(d) of each image. The gradient of `weight` is sum(d (x - mean) r).

    `kind` 0: there is no norm, y = weight * x. 1: the norm of a batch. 2: the norm of running statistics.
    """
    products, sums, statistics, weight, out, weight_gradient = operands(call, 6)
    step, pixels, kind = integers(call, 3)
    product_stride, sum_stride, samples = distance(call, 0), distance(call, 1), batch(call)
    w = number(weight)
    count = samples * pixels
    total_gradient = 0.0
    for c in range(step):
        dx, d = 0.0, 0.0
        for n in range(samples):
            dx += number(ahead(products, n * product_stride + c))
            d += number(ahead(sums, n * sum_stride + c))
        mean, r = 0.0, 1.0
        if kind > 0:
            mean, r = number(ahead(statistics, c)) + 0.0, number(ahead(statistics, step + c)) + 0.0
        d_normal = r * (dx - mean * d)  # sum(d (x - mean) r)
        total_gradient += d_normal
        slope, offset = 0.0, 0.0
        if kind == 1:
            slope = -w * r * r * d_normal / count
            offset = -w * r * d / count - slope * mean
        put(ahead(out, c), w * r)
        put(ahead(out, step + c), slope)
        put(ahead(out, 2 * step + c), offset)
    put(weight_gradient, total_gradient)
