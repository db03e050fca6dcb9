import numpy as np
import pytest

from paddleslim.kernels import dense_conv2d
from paddleslim.kernels.simd import SIMD_WIDTH

from .programs import random, run_kernel

pytestmark = pytest.mark.any_paddle


@pytest.mark.parametrize(("stride", "dilation"), [(1, 1), (2, 1), (1, 2)])
@pytest.mark.parametrize(("depth", "width"), [(3, 5), (8, 8), (11, 19)])
def test_convolve_and_its_weight_gradient_are_sums_over_the_window(depth, width, stride, dilation):
    size, height, x_stride, channel_stride = 3, 4, 2 * SIMD_WIDTH, 2 * SIMD_WIDTH
    reach = dilation * (size - 1)
    rows, columns = (height - 1) * stride + reach + 1, (width - 1) * stride + reach + 1
    x = random([rows, columns, x_stride])
    weight, out = random([size, size, depth, channel_stride], seed=1), np.zeros([height, width, channel_stride])
    lengths = (x_stride, depth, channel_stride, height, width, size, columns * x_stride, stride, dilation)
    run_kernel(dense_conv2d.convolve, [x, weight, out], (*lengths, 0))
    windows = np.lib.stride_tricks.sliding_window_view(x[..., :depth], (reach + 1, reach + 1), axis=(0, 1))
    windows = windows[::stride, ::stride, :, ::dilation, ::dilation]
    np.testing.assert_allclose(out, np.einsum("hwkij,ijko->hwo", windows, weight), atol=1e-12)
    gradient, found = random([height, width, channel_stride], seed=2), np.zeros(weight.shape)
    run_kernel(dense_conv2d.weight_gradient, [x, gradient, found], lengths)
    np.testing.assert_allclose(found, np.einsum("hwkij,hwo->ijko", windows, gradient), atol=1e-12)
