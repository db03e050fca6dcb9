import numpy as np
import pytest

from paddleslim.kernels import sums
from paddleslim.kernels.simd import SIMD_WIDTH

from .programs import random, run_kernel


@pytest.mark.parametrize("pixels", [1, 8, 13])
def test_a_weighted_sum_of_images_and_constants(pixels):
    out, shift = np.zeros([pixels, SIMD_WIDTH]), random([SIMD_WIDTH])
    xs, scales, factors = random([2, pixels, SIMD_WIDTH], seed=1), random([2, SIMD_WIDTH], seed=2), random([3], seed=3)
    f = [factors[k : k + 1] for k in range(3)]
    arrays = [out, xs[0], scales[0], f[0], xs[1], scales[1], f[1], shift, f[2]]
    terms = [(1, 2, 3), (4, 5, 6), (7, 8)]
    run_kernel(sums.weighted_sum, arrays, (2, 1, SIMD_WIDTH, pixels), terms=terms)
    expected = factors[2] * shift + (factors[:2, None, None] * xs * scales[:, None]).sum(axis=0)
    np.testing.assert_allclose(out, expected, atol=1e-14)


def test_a_term_whose_factor_is_zero_is_not_read():
    out, x, ones = np.ones([9, SIMD_WIDTH]), np.full([9, SIMD_WIDTH], np.nan), np.ones(SIMD_WIDTH)
    arrays = [out, x, ones, np.zeros(1)]
    run_kernel(sums.weighted_sum, arrays, (1, 0, SIMD_WIDTH, 9), terms=[(1, 2, 3)])
    assert not out.any()


@pytest.mark.parametrize("keep", [0, 1])
def test_the_gradient_of_a_factor_is_an_inner_product(keep):
    images, out = 3, np.array([0.5])
    parts, vectors, factors = random([2, images, SIMD_WIDTH]), random([2, SIMD_WIDTH], seed=1), random([images], seed=2)
    arrays = [out, parts[0], vectors[0], factors, parts[1], vectors[1], np.array([2.0])]
    terms, per_image = [(1, 2, 3), (4, 5, 6)], (1, 3, 4)
    lengths = (2, 4, keep)
    run_kernel(sums.term_gradient, arrays, lengths, per_image, images, terms, by_images=False)
    weights = np.stack([factors, np.full(images, 2.0)])
    expected = keep * 0.5 + (weights[..., None] * parts * vectors[:, None])[..., :4].sum()
    np.testing.assert_allclose(out, expected, rtol=1e-13)


@pytest.mark.parametrize("pixels", [3, 9])
def test_sums_and_inner_products_over_pixels(pixels):
    a, b, found = random([pixels, SIMD_WIDTH]), random([pixels, SIMD_WIDTH], seed=1), np.zeros([SIMD_WIDTH])
    run_kernel(sums.sums, [a, found], (SIMD_WIDTH, pixels))
    np.testing.assert_allclose(found, a.sum(axis=0), atol=1e-14)
    run_kernel(sums.inner_products, [a, b, found], (SIMD_WIDTH, pixels))
    np.testing.assert_allclose(found, (a * b).sum(axis=0), atol=1e-14)


@pytest.mark.parametrize("scaled", [0, 1])
@pytest.mark.parametrize("keep", [0, 1])
def test_gradients_pass_only_where_relu_is_open(scaled, keep):
    gradient, x, out = (random([6, SIMD_WIDTH], seed=k) for k in range(3))
    scale, shift = random([SIMD_WIDTH], seed=3), random([SIMD_WIDTH], seed=4)
    opened = (scale * x + shift if scaled else x) > 0
    expected = gradient * opened + keep * out
    run_kernel(sums.rectify_gradient, [gradient, x, out, scale, shift], (SIMD_WIDTH, 6, scaled, keep))
    np.testing.assert_array_equal(out, expected)
