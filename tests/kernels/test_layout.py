import numpy as np

from paddleslim.kernels import layout
from paddleslim.kernels.lanes import LANES

from .programs import random, run_kernel


def test_planes_become_rectified_pixels_and_come_back():
    planes, pixels, back = random([3, 7]), np.ones([7, LANES]), np.zeros([3, 7])
    run_kernel(layout.from_planes, [planes, pixels], (3, LANES, 7, 1))
    np.testing.assert_array_equal(pixels[:, :3], np.maximum(planes.T, 0))
    assert not pixels[:, 3:].any()
    run_kernel(layout.to_planes, [pixels, back, planes], (3, LANES, 7, 0))
    np.testing.assert_array_equal(back, np.maximum(planes, 0))


def test_a_mask_stops_the_gradient_where_it_is_not_positive():
    pixels, planes, mask = random([5, LANES]), np.zeros([2, 5]), random([2, 5], seed=1)
    run_kernel(layout.to_planes, [pixels, planes, mask], (2, LANES, 5, 1))
    np.testing.assert_array_equal(planes, pixels[:, :2].T * (mask > 0))


def test_every_second_pixel_with_zeros_beyond_the_image():
    x, out, back = random([3, 5, LANES]), np.ones([2, 3, LANES]), np.zeros([3, 5, LANES])
    run_kernel(layout.subsample, [x, out], (LANES, 3, 5, 2, 3, 2, 1))
    expected = np.zeros([2, 3, LANES])
    expected[:1, :2] = x[1::2, 1::2]
    np.testing.assert_array_equal(out, expected)
    run_kernel(layout.unsubsample, [out, back], (LANES, 3, 5, 2, 3, 2, 1))
    np.testing.assert_array_equal(back[1::2, 1::2], x[1::2, 1::2])
    assert np.count_nonzero(back) == np.count_nonzero(expected)


def test_weights_are_arranged_and_their_gradients_collected():
    weight, arranged = random([4, 6]), np.ones([6, LANES])  # [outputs, inputs]
    run_kernel(layout.arrange, [weight, arranged], (6, 4, 1, 6, LANES, 2))
    np.testing.assert_array_equal(arranged[:, 2:6], weight.T)
    assert not arranged[:, :2].any()
    assert not arranged[:, 6:].any()
    parts, gradient = random([3, 6, LANES], seed=1), np.zeros([4, 6])
    run_kernel(layout.collect, [parts, gradient], (6, 4, 1, 6, LANES, 2), (0,), images=3, by_images=False)
    np.testing.assert_allclose(gradient, parts.sum(axis=0)[:, 2:6].T, rtol=1e-14)
