import numpy as np
import pytest

from paddleslim.kernels import dense
from paddleslim.kernels.lanes import LANES

from .programs import random, run_kernel


@pytest.mark.parametrize(("depth", "width"), [(3, 5), (8, 8), (11, 19)])
def test_convolve_and_its_weight_gradient_are_sums_over_the_window(depth, width):
    size, height, x_step, step = 3, 4, 2 * LANES, 2 * LANES
    x = random([height + size - 1, width + size - 1, x_step])
    weight, out = random([size, size, depth, step], seed=1), np.zeros([height, width, step])
    lengths = (x_step, depth, step, height, width, size, (width + size - 1) * x_step)
    run_kernel(dense.convolve, [x, weight, out], lengths)
    windows = np.lib.stride_tricks.sliding_window_view(x[..., :depth], (size, size), axis=(0, 1))
    np.testing.assert_allclose(out, np.einsum("hwkij,ijko->hwo", windows, weight), atol=1e-12)
    gradient, found = random([height, width, step], seed=2), np.zeros(weight.shape)
    run_kernel(dense.weight_gradient, [x, gradient, found], lengths)
    np.testing.assert_allclose(found, np.einsum("hwkij,hwo->ijko", windows, gradient), atol=1e-12)
