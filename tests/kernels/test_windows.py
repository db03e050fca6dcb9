import numpy as np
import pytest

from paddleslim.kernels.depthwise import depthwise, depthwise_weight_gradient, scatter_adjoint
from paddleslim.kernels.simd import SIMD_WIDTH
from paddleslim.kernels.windows import FORMS, WINDOWS

from .programs import random, run_kernel

HEIGHT, WIDTH = 2, WINDOWS + 3  # of the result: eight windows side by side, and some more


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_windows_equals_a_sum_over_its_taps(form, times):
    size, stride, dilation = form[0], form[1] * times, form[2] * times
    reach = dilation * (size - 1) + 1
    x = random(((HEIGHT - 1) * stride + reach, (WIDTH - 1) * stride + reach, SIMD_WIDTH))
    taps, gradient = random((size, size, SIMD_WIDTH), seed=1), random((HEIGHT, WIDTH, SIMD_WIDTH), seed=2)
    out, bias, taps_gradient = np.empty_like(gradient), random(SIMD_WIDTH, seed=3), np.empty_like(taps)
    x_gradient, expected = np.empty_like(x), np.zeros_like(x)
    sizes, row = (SIMD_WIDTH, HEIGHT, WIDTH, size, stride, dilation), x.shape[1] * SIMD_WIDTH
    run_kernel(depthwise, [x, taps, out, bias], [SIMD_WIDTH, *sizes, row, 2])
    run_kernel(depthwise_weight_gradient, [x, gradient, taps_gradient], [*sizes, row])
    run_kernel(scatter_adjoint, [gradient, taps, x_gradient], [*sizes, row, x.size])

    def pixels(i, j, of=x):
        down, right = i * dilation, j * dilation
        return of[down : down + HEIGHT * stride : stride, right : right + WIDTH * stride : stride]

    places = list(np.ndindex(size, size))
    np.testing.assert_allclose(out, bias + sum(pixels(*place) * taps[place] for place in places), atol=1e-12)
    for place in places:
        np.testing.assert_allclose(taps_gradient[place], (pixels(*place) * gradient).sum((0, 1)), atol=1e-12)
        pixels(*place, of=expected)[:] += gradient * taps[place]
    np.testing.assert_allclose(x_gradient, expected, atol=1e-12)
