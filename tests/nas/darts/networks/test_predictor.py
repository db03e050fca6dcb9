import pathlib

import numpy as np
import pytest
from PIL import Image

from paddleslim.nas.darts.data.pictures import Preparation
from paddleslim.nas.darts.networks.predictor import BATCH, Predictor, softmax


def count_red_and_green(image):
    """Return logits of two classes: how red and how green each image is, in tenths of a level."""
    return image.mean(axis=(2, 3))[:, :2] / 10


@pytest.fixture
def predictor():
    return Predictor(count_red_and_green, [3, 4, 6], ["red", "green"], Preparation(4, 6))


def test_probabilities_are_those_of_softmax(predictor):
    image = np.zeros([1, 3, 4, 6], "uint8")
    image[0, 1] = 10
    (found,) = predictor.predict(image)
    assert (found.image, found.label, found.class_name) == (0, 1, "green")
    assert found.probability == pytest.approx(np.e / (1 + np.e))
    np.testing.assert_allclose(softmax(np.array([[1000.0, 0.0]])), [[1, 0]])


def test_every_image_of_many_batches_keeps_its_place(predictor):
    pictures = [Image.new("RGB", (9, 9), (200, 0, 0) if i % 3 else (0, 200, 0)) for i in range(2 * BATCH + 3)]
    found = predictor.predict(pictures)
    assert [one.image for one in found] == list(range(len(pictures)))
    assert [one.label for one in found] == [0 if i % 3 else 1 for i in range(len(pictures))]


def test_no_image_has_no_prediction(predictor):
    assert predictor.predict([]) == []


def test_images_may_come_one_by_one_and_one_alone_is_refused(predictor):
    picture = Image.new("RGB", (9, 9), (200, 0, 0))
    assert [one.class_name for one in predictor.predict(picture for _ in range(2))] == ["red", "red"]
    for alone in ("a.jpg", pathlib.Path("a.jpg"), picture):
        with pytest.raises(TypeError, match="alone; put one image into a list"):
            predictor.predict(alone)


def test_damaged_files_of_all_batches_are_named_at_once(predictor, tmp_path):
    Image.new("RGB", (9, 9)).save(tmp_path / "good.png")
    for name in ("bad.png", "worse.png"):
        (tmp_path / name).write_bytes(b"nothing")
    files = [tmp_path / "bad.png", *[tmp_path / "good.png"] * BATCH, tmp_path / "worse.png"]
    with pytest.raises(ValueError, match=r"2 of 66 images cannot be used: .*bad\.png is no image.*worse\.png is no"):
        predictor.predict(files)
    assert [one.image for one in predictor.predict(files, skip_damaged=True)] == files[1:-1]


@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (
            np.zeros([2, 3, 4, 4]),
            ValueError,
            r"images must be numbers of shape \[N, 3, 4, 6\], got float64 \(2, 3, 4, 4\)",
        ),
        (np.zeros([2, 3, 4, 6], "complex64"), ValueError, "got complex64"),
        ([7], TypeError, "a list of paths and Pillow images, got int"),
        (["absent.png"], FileNotFoundError, "absent"),
    ],
)
def test_what_is_no_image_is_refused(predictor, images, error, message):
    with pytest.raises(error, match=message):
        predictor.predict(images)


def test_a_network_of_arrays_takes_arrays_alone(predictor):
    with pytest.raises(ValueError, match=r"trained on arrays.*give an array of shape \[N, 3, 4, 6\]"):
        Predictor(count_red_and_green, [3, 4, 6], ["red", "green"]).predict(["a.png"])
