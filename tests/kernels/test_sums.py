import numpy as np
import pytest

from paddleslim.kernels import sums
from paddleslim.kernels.simd import SIMD_WIDTH

from .programs import random, run_kernel

pytestmark = pytest.mark.any_paddle

SHAPES = [(0, 1), (0, 2), (1, 1), (7, 1), (1, 2), (9, 3), (13, 4), (6, 7)]  # pixels, and vectors of channels


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", [1, 2, 7, 12])
def test_a_weighted_sum_of_images_and_constants(shape, count):
    pixels, channels = shape[0], shape[1] * SIMD_WIDTH
    xs, scales = random([count, pixels, channels], seed=1), random([count, channels], seed=2)
    shift, factors = random([channels]), random([count + 1], seed=3)
    if count > 2:
        factors[4], xs[4] = 0.0, np.nan  # which nobody reads
    expected = factors[-1] * shift + sum(f * x * a for f, x, a in zip(factors, xs, scales) if f != 0)
    arrays = [xs[0], *(array for k in range(count) for array in (xs[k], scales[k], factors[k : k + 1]))]
    terms = [(3 * k + 1, 3 * k + 2, 3 * k + 3) for k in range(count)] + [(3 * count + 1, 3 * count + 2)]
    lengths = (count, 1, channels, pixels)
    run_kernel(sums.weighted_sum, [*arrays, shift, factors[-1:]], lengths, terms=terms)  # in the place of the first
    np.testing.assert_allclose(xs[0], expected, atol=1e-13)


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


@pytest.mark.parametrize("shape", SHAPES)
def test_sums_and_inner_products_over_pixels(shape):
    pixels, channels = shape[0], shape[1] * SIMD_WIDTH
    a, b, found = random([pixels, channels]), random([pixels, channels], seed=1), np.zeros([2, channels])
    expected = [(a * b).sum(axis=0), a.sum(axis=0)]
    run_kernel(sums.inner_products_and_sums, [a, b, found], (channels, pixels))
    np.testing.assert_allclose(found, expected, atol=1e-13)
    run_kernel(sums.sums, [a, found[1]], (channels, pixels))
    run_kernel(sums.inner_products, [a, b, found[0]], (channels, pixels))
    np.testing.assert_allclose(found, expected, atol=1e-13)


@pytest.mark.parametrize("scaled", [0, 1])
@pytest.mark.parametrize("keep", [0, 1])
def test_gradients_pass_only_where_relu_is_open(scaled, keep):
    gradient, x, out = (random([6, SIMD_WIDTH], seed=k) for k in range(3))
    scale, shift = random([SIMD_WIDTH], seed=3), random([SIMD_WIDTH], seed=4)
    opened = (scale * x + shift if scaled else x) > 0
    expected = gradient * opened + keep * out
    run_kernel(sums.rectify_gradient, [gradient, x, out, scale, shift], (SIMD_WIDTH, 6, scaled, keep))
    np.testing.assert_array_equal(out, expected)
