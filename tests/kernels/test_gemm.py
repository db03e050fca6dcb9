import numpy as np
import pytest

from paddleslim.kernels.gemm import gemm
from paddleslim.kernels.simd import SIMD_WIDTH, padded_channels

from .programs import random, run_kernel

pytestmark = pytest.mark.any_paddle


@pytest.mark.parametrize("rows", [1, 8, 13])
@pytest.mark.parametrize("keep", [0, 1, 2])
@pytest.mark.parametrize("halves", [1, 3, 4, 5])
def test_gemm_is_a_matrix_product_and_leaves_no_rest_of_a_vector(rows, keep, halves):
    depth, columns = 5, halves * SIMD_WIDTH // 2
    wide = padded_channels(columns)
    a, b, bias = random([rows, depth]), random([depth, wide], seed=1), random([wide], seed=3)
    b[:, columns:] = bias[columns:] = 0
    out = random([rows, wide], seed=2)
    expected = a @ b + (0, out, bias)[keep]
    run_kernel(gemm, [a, b, out, bias], (depth, 1, wide, wide, rows, depth, columns, keep))
    np.testing.assert_allclose(out, expected, atol=1e-14)


def test_gemm_takes_a_transposed_matrix():
    pixels, inputs = 11, 9
    a, b, out = random([pixels, inputs]), random([pixels, SIMD_WIDTH], seed=1), np.zeros([inputs, SIMD_WIDTH])
    run_kernel(gemm, [a, b, out], (1, inputs, SIMD_WIDTH, SIMD_WIDTH, inputs, pixels, SIMD_WIDTH, 0))
    np.testing.assert_allclose(out, a.T @ b, atol=1e-14)


def test_what_a_product_prefetches_changes_neither_the_product_nor_the_memory():
    rows, depth, ahead = 13, 5, random([1000], seed=2)
    a, b, out = random([rows, depth]), random([depth, SIMD_WIDTH], seed=1), np.zeros([rows, SIMD_WIDTH])
    sizes = (depth, 1, SIMD_WIDTH, SIMD_WIDTH, rows, depth, SIMD_WIDTH, 0, ahead.size)
    run_kernel(gemm, [a, b, out, b, ahead], sizes)
    np.testing.assert_allclose(out, a @ b, atol=1e-14)
    np.testing.assert_array_equal(ahead, random([1000], seed=2))
