import numpy as np
import pytest

from paddleslim.kernels.batch_norm import coefficients, moments, move_running, settle, settle_running
from paddleslim.kernels.lanes import LANES

from .programs import random, run_kernel

EPSILON, MOMENTUM = float(np.float32(1e-5)), float(np.float32(0.9))


def statistics_of(x):
    mean, variance = x.mean(axis=(0, 1)), x.var(axis=(0, 1))
    return np.stack([mean, 1 / np.sqrt(variance + EPSILON), variance])


@pytest.mark.parametrize("pixels", [3, 8])
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-4)])
def test_statistics_of_a_batch_survive_a_large_mean(pixels, dtype, tolerance):
    images = 3
    x = random([images, pixels, LANES], dtype) + np.array(100, dtype)
    parts, found = np.zeros([images, 2, LANES], dtype), np.zeros([3, LANES], dtype)
    run_kernel(moments, [x, parts], (LANES, pixels), per_image=(0, 1), images=images)
    run_kernel(settle, [parts, found], (LANES, pixels), per_image=(0,), images=images, by_images=False)
    np.testing.assert_allclose(found, statistics_of(x.astype("float64")), rtol=tolerance)


def test_running_statistics_move_as_in_paddle():
    statistics, mean, variance = random([3, LANES]), random([4]), random([4], seed=1)
    expected = [MOMENTUM * old + (1 - MOMENTUM) * statistics[k, :4] for old, k in ((mean, 0), (variance, 2))]
    run_kernel(move_running, [statistics, mean, variance], (4, LANES))
    np.testing.assert_allclose([mean, variance], expected, rtol=1e-15)


def test_lanes_behind_the_last_channel_are_zero_in_evaluation():
    mean, variance, found = random([4]), np.abs(random([4], seed=1)), np.ones([3, LANES])
    run_kernel(settle_running, [mean, variance, found], (4, LANES))
    np.testing.assert_allclose(found[:, :4], [mean, 1 / np.sqrt(variance + EPSILON), variance], rtol=1e-15)
    assert not found[:, 4:].any()


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_coefficients_give_the_gradient_of_a_weighed_norm(kind):
    images, pixels, weight, small = 2, 5, np.array([0.7]), 1e-6
    x, d = random([images, pixels, LANES]), random([images, pixels, LANES], seed=1)
    fixed = statistics_of(random([images, pixels, LANES], seed=2))

    def loss(x, weight):
        mean, r, _ = {0: (0, 1, 0), 1: statistics_of(x), 2: fixed}[kind]
        return (d * weight * (x - mean) * r).sum()

    statistics = statistics_of(x) if kind == 1 else fixed
    products, sums = (d * x).sum(axis=1), d.sum(axis=1)
    out, weight_gradient = np.zeros([3, LANES]), np.zeros([1])
    arrays = [products, sums, statistics, weight, out, weight_gradient]
    run_kernel(coefficients, arrays, (LANES, pixels, kind), per_image=(0, 1), images=images, by_images=False)
    gradient = out[0] * d + out[1] * x + out[2]
    towards = random(x.shape, seed=3)
    expected = (loss(x + small * towards, weight) - loss(x - small * towards, weight)) / (2 * small)
    np.testing.assert_allclose((gradient * towards).sum(), expected, rtol=1e-6)
    np.testing.assert_allclose(weight_gradient, loss(x, weight) / weight, rtol=1e-12)
