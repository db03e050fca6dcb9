import random

import numpy as np
import paddle
import pytest
from paddle.vision import transforms
from PIL import Image

from paddleslim.nas.darts.data import ShuffledBatches, load_dataset
from paddleslim.nas.darts.data.transform import transform_batch
from tests.nas.darts.data.test_folder import write_images

BYTES = np.random.default_rng(0).integers(0, 256, [5, 3, 6, 8]).astype("uint8")


def rng():
    return np.random.default_rng(3)


@pytest.mark.parametrize("image", [BYTES, BYTES[:, :1], BYTES.astype("float32"), BYTES[:, :2]])
def test_a_transform_that_changes_nothing_changes_nothing(image):
    np.testing.assert_array_equal(transform_batch(image, lambda one: one, rng()), image)


def test_bytes_come_as_pillow_images_and_tensors_leave_in_the_range_of_bytes():
    flipped = transform_batch(BYTES, transforms.Compose([transforms.RandomHorizontalFlip(1.0)]), rng())
    np.testing.assert_array_equal(flipped, BYTES[..., ::-1])
    as_tensor = transform_batch(BYTES, transforms.ToTensor(), rng())
    np.testing.assert_allclose(as_tensor, BYTES, rtol=1e-6)
    seen = []
    transform_batch(BYTES[:1, :1], lambda one: seen.append(one) or one, rng())
    assert isinstance(seen[0], Image.Image)
    assert seen[0].mode == "L"


def test_the_generator_decides_what_paddles_transforms_draw_and_nobody_else_notices():
    transform = transforms.Compose([transforms.RandomResizedCrop((6, 8)), transforms.ColorJitter(0.4, 0.4, 0.4)])

    def draw(one):
        return np.asarray(transform(one)) + np.uint8(
            random.random() * 9 + np.random.rand() * 9 + paddle.rand([1]).item() * 9
        )

    states = paddle.get_rng_state()[0].current_seed(), random.getstate(), np.random.get_state()[1].copy()
    first = transform_batch(BYTES, draw, rng())
    assert random.getstate() == states[1]
    np.testing.assert_array_equal(np.random.get_state()[1], states[2])
    random.seed(7)
    np.random.seed(7)
    paddle.seed(7)
    np.testing.assert_array_equal(transform_batch(BYTES, draw, rng()), first)
    assert (transform_batch(BYTES, draw, np.random.default_rng(4)) != first).any()


@pytest.mark.parametrize(
    ("transform", "error", "message"),
    [
        (transforms.Resize((3, 3)), ValueError, r"must leave images of 6 x 8 pixels in 3 channels, got 3 x 3 pixels"),
        (lambda one: None, TypeError, "must return images of numbers, got NoneType"),
        (
            transforms.Compose([transforms.ToTensor(), transforms.Normalize([0.5] * 3, [0.5] * 3)]),
            ValueError,
            "leave Normalize out",
        ),
    ],
)
def test_a_transform_that_returns_something_else_is_refused(transform, error, message):
    with pytest.raises(error, match=message):
        transform_batch(BYTES, transform, rng())


def test_a_data_set_takes_a_transform_for_training_images_in_place_of_crop_and_flip(tmp_path):
    write_images(tmp_path)
    dataset = load_dataset(str(tmp_path), image_size=8, transform=lambda one: Image.new("RGB", one.size, (9, 9, 9)))
    image, _ = next(iter(ShuffledBatches(dataset.train, 4, seed=0, prepare=dataset.augmentation)))
    np.testing.assert_allclose(image, dataset.augmentation.normalise(np.full_like(image, 9)))
    with pytest.raises(TypeError, match="transform must be a function of one image, got int"):
        load_dataset(str(tmp_path), transform=3)


def test_one_picture_of_16_bits_does_not_change_what_a_transform_is_given(tmp_path):
    write_images(tmp_path)
    Image.fromarray(np.full([8, 8], 40000, "uint16")).save(tmp_path / "cat" / "deep.png")
    seen = []
    dataset = load_dataset(tmp_path, image_size=8, transform=lambda one: seen.append(one) or transforms.ToTensor()(one))
    assert dataset.train.image.dtype == np.float32
    batch = dataset.augmentation(dataset.train.image[:4], rng())
    assert {one.mode for one in seen} == {"RGB"}
    np.testing.assert_allclose(batch, dataset.augmentation.normalise(np.rint(dataset.train.image[:4])), atol=1e-5)
