import numpy as np

from paddleslim.kernels.depthwise import depthwise
from paddleslim.kernels.simd import SIMD_WIDTH

from .programs import random, run_kernel


def test_what_a_depthwise_convolution_prefetches_changes_neither_its_result_nor_the_memory():
    height, width, size = 2, 11, 3
    row = (width + size - 1) * SIMD_WIDTH
    x, weight, ahead = random([height + size - 1, row]), random([size**2, SIMD_WIDTH], seed=1), random([1000], seed=2)
    lengths = (SIMD_WIDTH, SIMD_WIDTH, height, width, size, 1, 1, row, 0)
    plain, prefetching = np.zeros([2, height, width, SIMD_WIDTH])
    run_kernel(depthwise, [x, weight, plain, weight], lengths)
    run_kernel(depthwise, [x, weight, prefetching, weight, ahead], (*lengths, ahead.size))
    assert plain.any()
    np.testing.assert_array_equal(prefetching, plain)
    np.testing.assert_array_equal(ahead, random([1000], seed=2))
