import dataclasses
import logging
import pathlib

import numpy as np
import paddle
import pytest
from PIL import Image

from paddleslim.nas.darts.data.pictures import Preparation
from paddleslim.nas.darts.networks.predictor import BATCH, Predictor, softmax
from tests.docs.pages import DOCS, read_blocks


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


@pytest.mark.parametrize("ending", [".jpg", ".png", ".tif", ".webp"])
@pytest.mark.parametrize("turned", [3, 5, 6, 8])
def test_a_turned_picture_is_upright_as_a_file_and_in_the_code_of_the_page(tmp_path, ending, turned):
    path, exif = tmp_path / f"cat{ending}", Image.Exif()
    stored = Image.fromarray(np.arange(0, 240, 10, "uint8").reshape(4, 6)).resize((96, 64))
    exif[0x0112] = turned
    stored.save(path, exif=exif)
    upright = {3: Image.ROTATE_180, 5: Image.TRANSPOSE, 6: Image.ROTATE_270, 8: Image.ROTATE_90}[turned]
    predictor = Predictor(count_red_and_green, [1, 8, 8], ["red", "green"], Preparation(8, 8, 1))
    about = {"preparation": dataclasses.asdict(predictor.preparation), "input": {"shape": [None, 1, 8, 8]}}
    page = {}
    exec(next(b.text for b in read_blocks(DOCS / "en" / "predict.md") if "def prepare" in b.text), page)
    wanted = predictor.prepare_one(stored.transpose(upright))
    for found in (predictor.prepare_one(path), page["prepare"](path, about)):
        np.testing.assert_allclose(found.astype(float), wanted, atol=6)  # by the losses of JPEG and WebP


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
            r"images must be numbers of shape \[N, 3, 4, 6\], got float64 \[2, 3, 4, 4\]",
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


def test_arrays_that_no_training_was_of_are_not_predicted_in_silence(predictor, monkeypatch, caplog):
    monkeypatch.setattr(logging.getLogger("paddleslim.nas.darts.networks.predictor"), "propagate", True)
    with pytest.raises(ValueError, match="images must be finite"):
        predictor.predict(np.full([1, 3, 4, 6], np.nan))
    predictor.predict(np.full([1, 3, 4, 6], 200.0))
    predictor.predict(np.ones([1, 3, 4, 6], "uint8"))
    assert not caplog.messages
    predictor.predict(np.full([1, 3, 4, 6], 0.5))
    assert caplog.messages == [
        "the images have values up to 0.5, and those of the training went from 0 to 255; if these go from 0 to 1, "
        "multiply them by 255"
    ]


def test_an_address_is_refused_as_one(predictor):
    with pytest.raises(ValueError, match=r"https://a\.org/b\.png is on another machine; download it"):
        predictor.predict(["https://a.org/b.png"])


def test_a_folder_is_refused_with_what_to_give(predictor, tmp_path):
    with pytest.raises(ValueError, match=r"is a folder; give the files in it, such as Path\(.*\)\.glob"):
        predictor.predict([tmp_path])


def test_paths_may_be_an_array_and_images_a_tensor(predictor, tmp_path):
    Image.new("RGB", (9, 9), (200, 0, 0)).save(tmp_path / "red.png")
    paths = np.array([str(tmp_path / "red.png")])
    assert [one.class_name for one in predictor.predict(paths)] == ["red"]
    assert [one.label for one in predictor.predict(paddle.full([2, 3, 4, 6], 200.0))] == [0, 0]


def test_damaged_pillow_images_are_named_with_the_other_ones_and_left_out(predictor, tmp_path):
    sound = Image.fromarray(np.random.default_rng(0).integers(0, 256, [99, 99, 3]).astype("uint8"))
    sound.save(tmp_path / "a.png")
    content = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(content[: len(content) // 2])
    with Image.open(tmp_path / "a.png") as cut:
        images = [Image.new("F", (4, 4)), cut, sound]
        with pytest.raises(
            ValueError, match=r"2 of 3 images cannot be used: a Pillow image holds floats.*a\.png is dam"
        ):
            predictor.predict(images)
        assert [one.image for one in predictor.predict(images, skip_damaged=True)] == [2]
