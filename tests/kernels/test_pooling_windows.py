import numpy as np
import pytest

from paddleslim.kernels import pooling
from paddleslim.kernels.pooling_windows import POOLED
from paddleslim.kernels.simd import SIMD_WIDTH

from .programs import random, run_kernel

OUT_WIDTH = POOLED + 3  # windows at both ends, four together between them, and one more


@pytest.mark.parametrize("stride", [1, 2])
def test_windows_side_by_side_give_the_gradient_of_their_maximum_to_the_first_of_equal_pixels(stride):
    height, width = 3, stride * (OUT_WIDTH - 1) + 1
    x = np.floor(4 * random([height, width, SIMD_WIDTH]))  # few numbers, so that many are equal
    out_height = (height - 1) // stride + 1
    out, gradient = np.empty([out_height, OUT_WIDTH, SIMD_WIDTH]), random([out_height, OUT_WIDTH, SIMD_WIDTH], seed=1)
    best, expected, found = np.empty_like(out), np.zeros_like(x), np.zeros_like(x)
    for h, w, c in np.ndindex(out.shape):
        top, left = h * stride - 1, w * stride - 1
        inside = np.s_[max(top, 0) : top + 3, max(left, 0) : left + 3, c]
        best[h, w, c] = x[inside].max()
        first = np.unravel_index(x[inside].argmax(), x[inside].shape)
        expected[inside][first] += gradient[h, w, c]
    lengths = (SIMD_WIDTH, height, width, out_height, OUT_WIDTH, stride, 3, 1)
    run_kernel(pooling.max_pool, [x, out], lengths)
    run_kernel(pooling.max_pool_gradient, [x, out, gradient, found], lengths)
    np.testing.assert_array_equal(out, best)
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("inclusive", [0, 1])
@pytest.mark.parametrize("stride", [1, 2])
def test_windows_side_by_side_have_the_mean_of_their_pixels_and_share_its_gradient(stride, inclusive):
    height, width = 3, stride * (OUT_WIDTH - 1) + 1
    x = random([height, width, SIMD_WIDTH])
    out_height = (height - 1) // stride + 1
    out, gradient = np.empty([out_height, OUT_WIDTH, SIMD_WIDTH]), random([out_height, OUT_WIDTH, SIMD_WIDTH], seed=1)
    means, expected, found = np.empty_like(out), np.zeros_like(x), np.zeros_like(x)
    for h, w in np.ndindex(out.shape[:2]):
        top, left = h * stride - 1, w * stride - 1
        inside = np.s_[max(top, 0) : top + 3, max(left, 0) : left + 3]
        pixels = x[inside].reshape(-1, SIMD_WIDTH)
        count = 9 if inclusive else len(pixels)
        means[h, w] = pixels.sum(0) / count
        expected[inside] += gradient[h, w] / count
    lengths = (SIMD_WIDTH, height, width, out_height, OUT_WIDTH, stride, 3, 1, inclusive)
    run_kernel(pooling.average_pool, [x, out], lengths)
    run_kernel(pooling.average_pool_gradient, [gradient, found], lengths)
    np.testing.assert_allclose(out, means, atol=1e-12)
    np.testing.assert_allclose(found, expected, atol=1e-12)
