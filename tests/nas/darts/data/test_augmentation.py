import numpy as np
import pytest

from paddleslim.nas.darts.data import Augmentation, crop_randomly, cut_out, flip_randomly, normalise

IMAGE = np.random.default_rng(0).integers(1, 255, [64, 3, 7, 9]).astype(np.uint8)


def test_a_crop_is_a_window_of_the_padded_image_and_all_offsets_occur():
    cropped = crop_randomly(IMAGE, 2, np.random.default_rng(0))
    assert cropped.shape == IMAGE.shape
    offsets = set()
    for image, crop in zip(IMAGE, cropped):
        padded = np.zeros([3, 11, 13], np.uint8)
        padded[:, 2:9, 2:11] = image
        found = [(y, x) for y in range(5) for x in range(5) if (padded[:, y : y + 7, x : x + 9] == crop).all()]
        assert len(found) == 1
        offsets.add(found[0])
    assert {y for y, _ in offsets} == {x for _, x in offsets} == set(range(5))


def test_about_half_of_the_images_are_mirrored_as_a_whole():
    flipped = flip_randomly(IMAGE, np.random.default_rng(0))
    same = (flipped == IMAGE).all(axis=(1, 2, 3))
    mirrored = (flipped == IMAGE[..., ::-1]).all(axis=(1, 2, 3))
    assert (same ^ mirrored).all()
    assert 20 < mirrored.sum() < 44


def test_normalised_channels_have_mean_0_and_deviation_1():
    image = IMAGE.astype(np.float64)
    result = normalise(IMAGE, image.mean(axis=(0, 2, 3)), image.std(axis=(0, 2, 3)))
    assert result.dtype == np.float32
    np.testing.assert_allclose(result.mean(axis=(0, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(result.std(axis=(0, 2, 3)), 1, atol=1e-5)


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_cutout_blanks_one_square_that_may_be_cut_by_the_edge(size):
    ones = np.ones([200, 2, 6, 6], np.float32)
    result = cut_out(ones, size, np.random.default_rng(0))
    areas = set()
    for image in result:
        assert (image[0] == image[1]).all()
        rows, columns = np.nonzero(image[0] == 0)
        height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
        assert len(rows) == height * width
        assert max(height, width) <= size
        areas.add(len(rows))
    assert max(areas) == size**2


def test_the_same_generator_gives_the_same_augmentation():
    augmentation = Augmentation((100.0,) * 3, (50.0,) * 3, padding=1, flip=True, cutout=3)
    first, second = (augmentation(IMAGE, np.random.default_rng(5)) for _ in range(2))
    assert (first == second).all()
    assert (first != augmentation(IMAGE, np.random.default_rng(6))).any()


def test_test_images_are_only_normalised():
    augmentation = Augmentation((100.0,) * 3, (50.0,) * 3, padding=1, flip=True, cutout=3)
    np.testing.assert_array_equal(augmentation.normalise(IMAGE), (IMAGE.astype(np.float32) - 100) / 50)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mean": (0, 0), "std": (1,)}, "mean and std must be a number for each channel, std above 0"),
        ({"mean": (0,), "std": (0,)}, "std above 0, got"),
        ({"mean": "x", "std": (1,)}, "got 'x' and"),
        ({"mean": (0,), "std": (1,), "padding": -1}, "padding must be a whole number of at least 0, got -1"),
        ({"mean": (0,), "std": (1,), "cutout": 0.5}, "cutout must be a whole number of at least 0, got 0.5"),
    ],
)
def test_an_augmentation_that_cannot_be_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Augmentation(**arguments)


def test_a_transform_that_cannot_be_called_is_refused():
    with pytest.raises(TypeError, match="transform must be a function of one image, got int"):
        Augmentation((0,), (1,), transform=3)


def test_images_of_other_channels_are_not_normalised():
    with pytest.raises(ValueError, match="mean and std must be 1 numbers, one for each channel"):
        Augmentation((0, 0), (1, 1)).normalise(np.zeros([2, 1, 4, 4]))


def test_a_negative_size_is_refused():
    for function in (crop_randomly, cut_out):
        with pytest.raises(ValueError, match="must be a whole number of at least 0, got -1"):
            function(np.zeros([2, 1, 4, 4]), -1, np.random.default_rng(0))
