import numpy as np
import pytest

from paddleslim.kernels import sums
from paddleslim.kernels.lanes import LANES

from .programs import random, run_kernel


@pytest.mark.parametrize("pixels", [1, 8, 13])
def test_mix_is_a_weighted_sum(pixels):
    out, shift = np.zeros([pixels, LANES]), random([LANES])
    xs, scales = random([2, pixels, LANES], seed=1), random([2, LANES], seed=2)
    arrays = [out, shift, xs[0], scales[0], xs[1], scales[1]]
    run_kernel(sums.mix, arrays, (2, LANES, pixels), terms=[(2, 3), (4, 5)])
    np.testing.assert_allclose(out, shift + (xs * scales[:, None]).sum(axis=0), atol=1e-14)


def test_weigh_turns_statistics_into_scales_and_a_shift():
    shift, weight, statistics, scale = np.zeros(LANES), np.array([0.3]), random([3, LANES]), np.zeros(LANES)
    run_kernel(sums.weigh, [shift, weight, statistics, scale], (1, LANES), terms=[(1, 2, 3)])
    np.testing.assert_allclose(scale, 0.3 * statistics[1])
    np.testing.assert_allclose(shift, -0.3 * statistics[1] * statistics[0])


@pytest.mark.parametrize("pixels", [3, 9])
def test_sums_and_inner_products_over_pixels(pixels):
    a, b, found = random([pixels, LANES]), random([pixels, LANES], seed=1), np.zeros([LANES])
    run_kernel(sums.sums, [a, found], (LANES, pixels))
    np.testing.assert_allclose(found, a.sum(axis=0), atol=1e-14)
    run_kernel(sums.inner_products, [a, b, found], (LANES, pixels))
    np.testing.assert_allclose(found, (a * b).sum(axis=0), atol=1e-14)


@pytest.mark.parametrize("scaled", [0, 1])
@pytest.mark.parametrize("keep", [0, 1])
def test_gradients_pass_only_where_relu_is_open(scaled, keep):
    gradient, x, out = (random([6, LANES], seed=k) for k in range(3))
    scale, shift = random([LANES], seed=3), random([LANES], seed=4)
    opened = (scale * x + shift if scaled else x) > 0
    expected = gradient * opened + keep * out
    run_kernel(sums.rectify_gradient, [gradient, x, out, scale, shift], (LANES, 6, scaled, keep))
    np.testing.assert_array_equal(out, expected)
