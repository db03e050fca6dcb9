"""Batch norm: statistics of a batch, the scale and shift they make of a norm, and the gradient's coefficients.

Every image gives its own mean and sum of squared deviations, which are then combined (Chan et al., 1979); this is
stable in single precision and does not depend on the number of threads. A norm is saved as five vectors of
`channel_stride` numbers, one after the other: mean, 1 / sqrt(variance + epsilon), variance, and what makes it one
multiplication, `scale = gamma / sqrt(variance + epsilon)` and `shift = beta - scale * mean`.

Epsilon and momentum are Paddle's, or those of the norm itself: the bits of a float64 behind an instruction's lengths,
the momentum `MOMENTUM_SHIFT` larger; 0 for Paddle's.
"""

from __future__ import annotations

import math

from .frame import batch, constants, image_stride, integers, operands, real, term_stride, terms, zero_of
from .simd import SIMD_WIDTH, add, broadcast, convert, fma, inlined, load, load_scalar, mul, offset, store, store_scalar

__all__ = [
    "MOMENTUM_SHIFT",
    "NORM_VECTORS",
    "coefficients",
    "finalize_running",
    "finalize_statistics",
    "move_running",
    "partial_moments",
]

NORM_VECTORS = 5
MOMENTUM_SHIFT = 2.0  # added to the momentum that a norm has of its own, so that 0 says it has none


@inlined
def sum_of_four(s0, s1, s2, s3):
    return add(add(s0, s1), add(s2, s3))


def partial_moments(frame):
    """Write the mean and the sum of squared deviations over an image's pixels, per channel."""
    x, out = operands(frame, 2)
    channel_stride, pixels = integers(frame, 2)
    zero = zero_of(frame)
    even = pixels - pixels % 4
    for c in range(0, channel_stride, SIMD_WIDTH):
        s0 = s1 = s2 = s3 = broadcast(zero)
        for p in range(0, even, 4):
            place = offset(x, p * channel_stride + c)
            s0 = add(s0, load(place))
            s1 = add(s1, load(offset(place, channel_stride)))
            s2 = add(s2, load(offset(place, 2 * channel_stride)))
            s3 = add(s3, load(offset(place, 3 * channel_stride)))
        for p in range(even, pixels):
            s0 = add(s0, load(offset(x, p * channel_stride + c)))
        mean = mul(sum_of_four(s0, s1, s2, s3), broadcast(convert(1.0 / pixels, zero)))
        store(offset(out, c), mean)

        minus_mean = mul(mean, broadcast(convert(-1.0, zero)))
        s0 = s1 = s2 = s3 = broadcast(zero)
        for p in range(0, even, 4):
            place = offset(x, p * channel_stride + c)
            d0, d1 = add(load(place), minus_mean), add(load(offset(place, channel_stride)), minus_mean)
            d2 = add(load(offset(place, 2 * channel_stride)), minus_mean)
            d3 = add(load(offset(place, 3 * channel_stride)), minus_mean)
            s0, s1, s2, s3 = fma(d0, d0, s0), fma(d1, d1, s1), fma(d2, d2, s2), fma(d3, d3, s3)
        for p in range(even, pixels):
            d0 = add(load(offset(x, p * channel_stride + c)), minus_mean)
            s0 = fma(d0, d0, s0)
        store(offset(out, channel_stride + c), sum_of_four(s0, s1, s2, s3))


@inlined
def store_norm(out, c, channel_stride, mean, r, variance, gamma, beta):
    """Write the five numbers of a channel's norm."""
    store_scalar(offset(out, c), mean)
    store_scalar(offset(out, channel_stride + c), r)
    store_scalar(offset(out, 2 * channel_stride + c), variance)
    store_scalar(offset(out, 3 * channel_stride + c), gamma * r)
    store_scalar(offset(out, 4 * channel_stride + c), beta - gamma * r * mean)


def finalize_statistics(frame):
    """Write the norm of a batch from the `partial_moments` of its images; `affine` 1 if it has gamma and beta."""
    parts, gamma, beta, out = operands(frame, 4)
    channels, channel_stride, pixels, affine = integers(frame, 4)
    stride, samples, epsilon = image_stride(frame, 0), batch(frame), real(frame, 4)
    if epsilon == 0.0:
        epsilon = constants(frame)[0]
    for c in range(channel_stride):
        if c >= channels:
            store_norm(out, c, channel_stride, 0.0, 0.0, 0.0, 0.0, 0.0)
            continue
        total = 0.0
        for n in range(samples):
            total += load_scalar(offset(parts, n * stride + c))
        mean = total / samples
        squares = 0.0
        for n in range(samples):
            deviation = load_scalar(offset(parts, n * stride + c)) - mean
            squares += load_scalar(offset(parts, n * stride + channel_stride + c)) + pixels * deviation * deviation
        variance = squares / (samples * pixels)
        g, b = 1.0, 0.0
        if affine:
            g, b = load_scalar(offset(gamma, c)) + 0.0, load_scalar(offset(beta, c)) + 0.0
        store_norm(out, c, channel_stride, mean, 1.0 / math.sqrt(variance + epsilon), variance, g, b)


def finalize_running(frame):
    """Write the norm that evaluation uses; all behind the last channel is zero."""
    running_mean, running_variance, gamma, beta, out = operands(frame, 5)
    channels, channel_stride, affine = integers(frame, 3)
    epsilon = real(frame, 3)
    if epsilon == 0.0:
        epsilon = constants(frame)[0]
    for c in range(channel_stride):
        if c >= channels:
            store_norm(out, c, channel_stride, 0.0, 0.0, 0.0, 0.0, 0.0)
            continue
        mean, variance = load_scalar(offset(running_mean, c)) + 0.0, load_scalar(offset(running_variance, c)) + 0.0
        g, b = 1.0, 0.0
        if affine:
            g, b = load_scalar(offset(gamma, c)) + 0.0, load_scalar(offset(beta, c)) + 0.0
        store_norm(out, c, channel_stride, mean, 1.0 / math.sqrt(variance + epsilon), variance, g, b)


def move_running(frame):
    """Move the running statistics: `running = momentum * running + (1 - momentum) * batch`."""
    norm, running_mean, running_variance = operands(frame, 3)
    channels, channel_stride = integers(frame, 2)
    momentum = real(frame, 2)
    momentum = constants(frame)[1] if momentum == 0.0 else momentum - MOMENTUM_SHIFT
    for c in range(channels):
        mean, variance = load_scalar(offset(norm, c)), load_scalar(offset(norm, 2 * channel_stride + c))
        old_mean, old_variance = offset(running_mean, c), offset(running_variance, c)
        store_scalar(old_mean, momentum * load_scalar(old_mean) + (1.0 - momentum) * mean)
        store_scalar(old_variance, momentum * load_scalar(old_variance) + (1.0 - momentum) * variance)


def coefficients(frame):
    """Write B and C of a norm's gradient, and the gradients of gamma and beta if `affine`.

    With y = gamma (x - mean) r + beta and g = sum_t f_t d_t the gradient of y, per channel
    `dx = gamma r (g - mean(g) - (x - mean) r mean(g (x - mean) r))`, which is `gamma r g + B x + C`.
    A term (products, sums, factor) holds sum(d_t x) and sum(d_t) of each image, and f_t, which may be one for each
    image. `training` 0 if the norm's statistics are constants, for which B and C are zero.
    """
    norm, out, gamma_gradient, beta_gradient = operands(frame, 4)
    count, channels, channel_stride, pixels, training, affine = integers(frame, 6)
    samples = batch(frame)
    for c in range(channel_stride):
        gx, g = 0.0, 0.0
        for t in range(count):
            products, sums, factor = terms(frame, t, 3)
            product_stride, sum_stride = term_stride(frame, t, 0), term_stride(frame, t, 1)
            factor_stride = term_stride(frame, t, 2)
            for n in range(samples):
                f = load_scalar(offset(factor, n * factor_stride))
                if f != 0.0:
                    gx += f * load_scalar(offset(products, n * product_stride + c))
                    g += f * load_scalar(offset(sums, n * sum_stride + c))
        mean, r = load_scalar(offset(norm, c)) + 0.0, load_scalar(offset(norm, channel_stride + c)) + 0.0
        scale = load_scalar(offset(norm, 3 * channel_stride + c)) + 0.0
        normal = r * (gx - mean * g)  # sum(g (x - mean) r)
        slope, intercept = 0.0, 0.0
        if training:
            slope = -scale * r * normal / (samples * pixels)
            intercept = -scale * g / (samples * pixels) - slope * mean
        store_scalar(offset(out, c), slope)
        store_scalar(offset(out, channel_stride + c), intercept)
        if affine and c < channels:
            store_scalar(offset(gamma_gradient, c), normal)
            store_scalar(offset(beta_gradient, c), g)
