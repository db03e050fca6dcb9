import numpy as np
import paddle
import pytest
from paddle.nn import functional as F

from paddleslim.kernels import pooling
from paddleslim.kernels.simd import SIMD_WIDTH

from .programs import random, run_kernel


@pytest.mark.parametrize(("height", "width"), [(4, 6), (5, 3), (1, 1)])
def test_windows_of_four_pixels_are_cut_off_at_the_end_of_the_image(height, width):
    x = random([height, width, SIMD_WIDTH])
    planes = paddle.to_tensor(x.transpose(2, 0, 1)[None], stop_gradient=False)
    expected = F.max_pool2d(planes, 2, 2, ceil_mode=True)
    rows, columns = expected.shape[2:]
    out, lengths = np.zeros([rows, columns, SIMD_WIDTH]), (SIMD_WIDTH, height, width, rows, columns, 2, 2, 0)
    run_kernel(pooling.max_pool, [x, out], lengths)
    np.testing.assert_array_equal(out, expected.numpy()[0].transpose(1, 2, 0))
    gradient, found = random(out.shape, seed=1), np.zeros_like(x)
    run_kernel(pooling.max_pool_gradient, [x, out, gradient, found], lengths)
    expected.backward(paddle.to_tensor(gradient.transpose(2, 0, 1)[None]))
    np.testing.assert_array_equal(found, planes.grad.numpy()[0].transpose(1, 2, 0))
