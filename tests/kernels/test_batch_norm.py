import numpy as np
import pytest

from paddleslim.kernels.batch_norm import (
    coefficients,
    finalize_running,
    finalize_statistics,
    move_running,
    partial_moments,
)
from paddleslim.kernels.simd import SIMD_WIDTH

from .programs import random, run_kernel

pytestmark = pytest.mark.any_paddle

EPSILON, MOMENTUM = float(np.float32(1e-5)), float(np.float32(0.9))
GAMMA, BETA = random([SIMD_WIDTH], seed=11), random([SIMD_WIDTH], seed=12)


def norm_of(x, gamma=GAMMA, beta=BETA):
    """Return the five vectors of a norm of x `[images, pixels, channels]`."""
    mean, variance = x.mean(axis=(0, 1)), x.var(axis=(0, 1))
    r = 1 / np.sqrt(variance + EPSILON)
    return np.stack([mean, r, variance, gamma * r, beta - gamma * r * mean])


@pytest.mark.parametrize("affine", [0, 1])
@pytest.mark.parametrize("pixels", [3, 8])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 2e-4)])
def test_statistics_of_a_batch_survive_a_large_mean(pixels, dtype, tolerance, affine):
    images = 3
    x = random([images, pixels, SIMD_WIDTH], dtype) + np.array(100, dtype)
    parts, found = np.zeros([images, 2, SIMD_WIDTH], dtype), np.zeros([5, SIMD_WIDTH], dtype)
    run_kernel(partial_moments, [x, parts], (SIMD_WIDTH, pixels), per_image=(0, 1), images=images)
    arrays, lengths = [parts, GAMMA.astype(dtype), BETA.astype(dtype), found], (SIMD_WIDTH, SIMD_WIDTH, pixels, affine)
    run_kernel(finalize_statistics, arrays, lengths, per_image=(0,), images=images, by_images=False)
    expected = norm_of(x.astype("float64"), *(() if affine else (1, 0)))
    np.testing.assert_allclose(found, expected, rtol=tolerance)


def test_running_statistics_move_as_in_paddle():
    # seeds of their own: statistics that equal the mean would move it nowhere
    norm, mean, variance = random([5, SIMD_WIDTH], seed=7), random([4]), random([4], seed=1)
    expected = [MOMENTUM * old + (1 - MOMENTUM) * norm[k, :4] for old, k in ((mean, 0), (variance, 2))]
    run_kernel(move_running, [norm, mean, variance], (4, SIMD_WIDTH))
    np.testing.assert_allclose([mean, variance], expected, rtol=1e-15)


def test_channels_behind_the_last_are_zero_in_evaluation():
    mean, variance, found = random([4]), np.abs(random([4], seed=1)), np.ones([5, SIMD_WIDTH])
    run_kernel(finalize_running, [mean, variance, GAMMA, BETA, found], (4, SIMD_WIDTH, 1))
    r = 1 / np.sqrt(variance + EPSILON)
    expected = [mean, r, variance, GAMMA[:4] * r, BETA[:4] - GAMMA[:4] * r * mean]
    np.testing.assert_allclose(found[:, :4], expected, rtol=1e-14)
    assert not found[:, 4:].any()


@pytest.mark.parametrize("training", [0, 1])
def test_coefficients_give_the_gradient_of_a_norm(training):
    images, pixels, small = 2, 5, 1e-6
    factors = [np.array([0.7]), random([images], seed=5)]  # one number, and one for each image
    x, ds = random([images, pixels, SIMD_WIDTH]), random([2, images, pixels, SIMD_WIDTH], seed=1)
    fixed = norm_of(random([images, pixels, SIMD_WIDTH], seed=2))
    g = factors[0] * ds[0] + factors[1][:, None, None] * ds[1]

    def loss(x, gamma=GAMMA, beta=BETA):
        mean, r = (norm_of(x) if training else fixed)[:2]
        return (g * (gamma * (x - mean) * r + beta)).sum()

    norm = norm_of(x) if training else fixed
    products, sums = (ds * x).sum(axis=2), ds.sum(axis=2)
    out, gamma_gradient, beta_gradient = np.zeros([2, SIMD_WIDTH]), np.zeros(SIMD_WIDTH), np.zeros(SIMD_WIDTH)
    arrays = [norm, out, gamma_gradient, beta_gradient]
    arrays += [products[0], sums[0], factors[0], products[1], sums[1], factors[1]]
    lengths, terms = (2, SIMD_WIDTH, SIMD_WIDTH, pixels, training, 1), [(4, 5, 6), (7, 8, 9)]
    run_kernel(coefficients, arrays, lengths, (4, 5, 7, 8, 9), images, terms, by_images=False)
    gradient = norm[3] * g + out[0] * x + out[1]
    towards = random(x.shape, seed=3)
    expected = (loss(x + small * towards) - loss(x - small * towards)) / (2 * small)
    np.testing.assert_allclose((gradient * towards).sum(), expected, rtol=1e-6)
    other = random([SIMD_WIDTH], seed=4)
    by_gamma = loss(x, GAMMA + other) - loss(x, GAMMA)
    np.testing.assert_allclose((gamma_gradient * other).sum(), by_gamma, rtol=1e-9)
    np.testing.assert_allclose((beta_gradient * other).sum(), loss(x, GAMMA, BETA + other) - loss(x), rtol=1e-9)
