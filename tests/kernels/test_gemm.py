import numpy as np
import pytest

from paddleslim.kernels.gemm import gemm
from paddleslim.kernels.simd import SIMD_WIDTH

from .programs import random, run_kernel


@pytest.mark.parametrize("rows", [1, 8, 13])
@pytest.mark.parametrize("keep", [0, 1])
def test_gemm_is_a_matrix_product(rows, keep):
    depth, columns = 5, 2 * SIMD_WIDTH
    a, b, out = random([rows, depth]), random([depth, columns], seed=1), random([rows, columns], seed=2)
    expected = a @ b + keep * out
    run_kernel(gemm, [a, b, out], (depth, 1, columns, columns, rows, depth, columns, keep))
    np.testing.assert_allclose(out, expected, atol=1e-14)


def test_gemm_takes_a_transposed_matrix():
    pixels, inputs = 11, 9
    a, b, out = random([pixels, inputs]), random([pixels, SIMD_WIDTH], seed=1), np.zeros([inputs, SIMD_WIDTH])
    run_kernel(gemm, [a, b, out], (1, inputs, SIMD_WIDTH, SIMD_WIDTH, inputs, pixels, SIMD_WIDTH, 0))
    np.testing.assert_allclose(out, a.T @ b, atol=1e-14)
