import numpy as np
import pytest

from paddleslim.kernels import layout
from paddleslim.kernels.lanes import LANES, lanes_for

from .programs import random, run_kernel

SIZES = [(3, 7), (LANES, LANES), (2 * LANES + 3, 4 * LANES + 5), (LANES - 1, 9 * LANES)]


@pytest.mark.parametrize(("channels", "count"), SIZES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_planes_become_rectified_pixels_and_come_back(channels, count, dtype):
    step = lanes_for(channels)
    planes, pixels = random([channels, count], dtype), np.ones([count, step], dtype)
    back = np.zeros_like(planes)
    planes[0, 0] = np.nan
    run_kernel(layout.from_planes, [planes, pixels], (channels, step, count, 1))
    np.testing.assert_array_equal(pixels[:, :channels], np.maximum(planes.T, 0))
    assert not pixels[:, channels:].any()
    run_kernel(layout.to_planes, [pixels, back, planes], (channels, step, count, 0))
    np.testing.assert_array_equal(back, np.maximum(planes, 0))


@pytest.mark.parametrize(("channels", "count"), SIZES)
def test_a_mask_stops_the_gradient_where_it_is_not_positive(channels, count):
    step = lanes_for(channels)
    pixels, planes, mask = random([count, step]), np.ones([channels, count]), random([channels, count], seed=1)
    run_kernel(layout.to_planes, [pixels, planes, mask], (channels, step, count, 1))
    np.testing.assert_array_equal(planes, pixels[:, :channels].T * (mask > 0))


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


def test_a_part_of_the_channels_is_taken_and_its_gradient_added():
    x, out = random([5, 2 * LANES]), np.ones([5, LANES])
    run_kernel(layout.narrow, [x, out], (3, 2 * LANES, LANES, 5))
    np.testing.assert_array_equal(out[:, :3], x[:, :3])
    assert not out[:, 3:].any()
    gradient, found = random([5, LANES], seed=1), x.copy()
    run_kernel(layout.widen, [gradient, found], (3, 2 * LANES, LANES, 5))
    np.testing.assert_array_equal(found[:, :3], x[:, :3] + gradient[:, :3])
    np.testing.assert_array_equal(found[:, 3:], x[:, 3:])


def test_channels_of_parts_are_shuffled_and_come_back():
    mixed, passed, out = random([5, LANES]), random([5, LANES], seed=1), np.ones([5, LANES])
    lengths = (3, 2, LANES, LANES, 5)
    run_kernel(layout.shuffle, [mixed, passed, out], lengths)
    np.testing.assert_array_equal(out[:, :6:3], mixed[:, :2])
    np.testing.assert_array_equal(out[:, 1:6:3], passed[:, 2:4])
    np.testing.assert_array_equal(out[:, 2:6:3], passed[:, 4:6])
    assert not out[:, 6:].any()
    mixed_gradient, passed_gradient = np.ones([5, LANES]), np.ones([5, LANES])
    run_kernel(layout.unshuffle, [out, mixed_gradient, passed_gradient], lengths)
    np.testing.assert_array_equal(mixed_gradient[:, :2], mixed[:, :2])
    np.testing.assert_array_equal(passed_gradient[:, 2:6], passed[:, 2:6])
    assert not mixed_gradient[:, 2:].any()
    assert not passed_gradient[:, :2].any()
    assert not passed_gradient[:, 6:].any()
