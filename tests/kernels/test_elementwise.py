import numpy as np
import pytest

from paddleslim.kernels import elementwise
from paddleslim.kernels.simd import SIMD_WIDTH

from .programs import random, run_kernel

pytestmark = pytest.mark.any_paddle

LENGTHS = [0, 1, SIMD_WIDTH, 4 * SIMD_WIDTH + 3, 9 * SIMD_WIDTH]


@pytest.mark.parametrize("length", LENGTHS)
def test_assign_copies(length):
    out, x = np.zeros(length), random([length])
    run_kernel(elementwise.assign, [out, x], (length,))
    np.testing.assert_array_equal(out, x)


@pytest.mark.parametrize("length", LENGTHS)
def test_add_scaled_adds_a_multiple_of_the_direction(length):
    out, x, direction, factor = np.zeros(length), random([length]), random([length], seed=1), np.array([-0.3])
    run_kernel(elementwise.add_scaled, [out, x, direction, factor], (length,))
    np.testing.assert_allclose(out, x - 0.3 * direction, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("length", LENGTHS)
def test_scale_multiplies_in_place(length):
    out, factor = random([length]), np.array([0.7])
    expected = out * 0.7
    run_kernel(elementwise.scale, [out, factor], (length,))
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("length", LENGTHS)
def test_squares_are_summed_in_as_many_parts_as_a_vector_has(length):
    x, out = random([length]), np.ones(SIMD_WIDTH)
    run_kernel(elementwise.squares, [x, out], (length,))
    np.testing.assert_allclose(out.sum(), (x**2).sum(), rtol=1e-12)
