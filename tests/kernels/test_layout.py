import numpy as np
import pytest

from paddleslim.kernels import layout
from paddleslim.kernels.simd import SIMD_WIDTH, padded_channels

from .programs import random, run_kernel

pytestmark = pytest.mark.any_paddle

SIZES = [(3, 7), (SIMD_WIDTH, SIMD_WIDTH), (2 * SIMD_WIDTH + 3, 4 * SIMD_WIDTH + 5), (SIMD_WIDTH - 1, 9 * SIMD_WIDTH)]


@pytest.mark.parametrize(("channels", "count"), SIZES)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_planes_become_rectified_pixels_and_come_back(channels, count, dtype):
    channel_stride = padded_channels(channels)
    planes, pixels = random([channels, count], dtype), np.ones([count, channel_stride], dtype)
    back = np.zeros_like(planes)
    planes[0, 0] = np.nan
    run_kernel(layout.from_planes, [planes, pixels], (channels, channel_stride, count, 1))
    np.testing.assert_array_equal(pixels[:, :channels], np.maximum(planes.T, 0))
    assert not pixels[:, channels:].any()
    run_kernel(layout.to_planes, [pixels, back, planes], (channels, channel_stride, count, 0))
    np.testing.assert_array_equal(back, np.maximum(planes, 0))


@pytest.mark.parametrize(("channels", "count"), SIZES)
def test_a_mask_stops_the_gradient_where_it_is_not_positive(channels, count):
    channel_stride = padded_channels(channels)
    pixels, planes, mask = (
        random([count, channel_stride]),
        np.ones([channels, count]),
        random([channels, count], seed=1),
    )
    run_kernel(layout.to_planes, [pixels, planes, mask], (channels, channel_stride, count, 1))
    np.testing.assert_array_equal(planes, pixels[:, :channels].T * (mask > 0))


def test_every_second_pixel_with_zeros_beyond_the_image():
    x, out, back = random([3, 5, SIMD_WIDTH]), np.ones([2, 3, SIMD_WIDTH]), np.zeros([3, 5, SIMD_WIDTH])
    run_kernel(layout.subsample, [x, out], (SIMD_WIDTH, 3, 5, 2, 3, 2, 1))
    expected = np.zeros([2, 3, SIMD_WIDTH])
    expected[:1, :2] = x[1::2, 1::2]
    np.testing.assert_array_equal(out, expected)
    run_kernel(layout.unsubsample, [out, back], (SIMD_WIDTH, 3, 5, 2, 3, 2, 1))
    np.testing.assert_array_equal(back[1::2, 1::2], x[1::2, 1::2])
    assert np.count_nonzero(back) == np.count_nonzero(expected)


def test_weights_are_arranged_and_their_gradients_collected():
    weight, arranged = random([4, 6]), np.ones([6, SIMD_WIDTH])  # [outputs, inputs]
    run_kernel(layout.pack, [weight, arranged], (6, 4, 1, 6, SIMD_WIDTH, 2))
    np.testing.assert_array_equal(arranged[:, 2:6], weight.T)
    assert not arranged[:, :2].any()
    assert not arranged[:, 6:].any()
    parts, gradient = random([3, 6, SIMD_WIDTH], seed=1), np.zeros([4, 6])
    run_kernel(layout.reduce_images, [parts, gradient], (6, 4, 1, 6, SIMD_WIDTH, 2, 0), (0,), images=3, by_images=False)
    np.testing.assert_allclose(gradient, parts.sum(axis=0)[:, 2:6].T, rtol=1e-14)


@pytest.mark.parametrize("keep", [0, 1])
def test_channels_are_gathered_from_and_to_any_distance(keep):
    x, out = random([5, 2 * SIMD_WIDTH]), random([5, SIMD_WIDTH], seed=1)
    expected = out.copy()
    expected[:, 1:7:3] = x[:, 4:8:2] + keep * out[:, 1:7:3]
    run_kernel(layout.gather_channels, [x, out], (2, 2 * SIMD_WIDTH, SIMD_WIDTH, 5, 4, 2, 1, 3, keep))
    np.testing.assert_array_equal(out, expected)


def test_a_mean_over_pixels_and_its_gradient():
    x, mean, back = random([5, SIMD_WIDTH]), np.zeros(SIMD_WIDTH), np.ones([5, SIMD_WIDTH])
    run_kernel(layout.average_pixels, [x, mean], (SIMD_WIDTH, 5))
    np.testing.assert_allclose(mean, x.mean(axis=0), atol=1e-15)
    run_kernel(layout.broadcast_pixels, [mean, back], (SIMD_WIDTH, 5, 1))
    np.testing.assert_allclose(back, 1 + np.tile(mean / 5, (5, 1)), atol=1e-15)


@pytest.mark.parametrize("turned", [0, 1])
def test_the_taps_of_a_convolution_are_packed_in_either_order(turned):
    weight, packed = random([4, 3, 2, 2]), np.ones([4, 3, SIMD_WIDTH])  # [outputs, inputs, height, width]
    run_kernel(layout.pack_taps, [weight, packed], (4, 3, 4, 4, 12, SIMD_WIDTH, turned))
    expected = weight.reshape(4, 3, 4).transpose(2, 1, 0)
    np.testing.assert_array_equal(packed[..., :4], expected[::-1] if turned else expected)
    assert not packed[..., 4:].any()


def test_the_sum_over_images_is_added_to_what_is_there_if_asked():
    columns = SIMD_WIDTH + 3
    parts, out = random([2, 3, 2 * SIMD_WIDTH]), random([columns, 3], seed=1)
    expected = out + parts.sum(axis=0)[:, 1 : 1 + columns].T
    lengths = (3, columns, 1, 3, 2 * SIMD_WIDTH, 1, 1)
    run_kernel(layout.reduce_images, [parts, out], lengths, (0,), images=2, by_images=False)
    np.testing.assert_allclose(out, expected, rtol=1e-13)
