import logging

import numpy as np
import pytest
from PIL import Image

from paddleslim.nas.darts.data import load_arrays
from paddleslim.nas.darts.data.folder import read_folder
from paddleslim.nas.darts.data.overview import choose_evenly, look_over_arrays, look_over_files
from paddleslim.nas.darts.data.pictures import Preparation
from paddleslim.nas.darts.data.sources import find_source
from tests.nas.darts.data.test_folder import write_images

pytestmark = pytest.mark.any_paddle


def look_over(folder):
    return look_over_files(find_source(folder), Preparation(8, 8), thumbnails=3)


def test_counts_sizes_and_kinds_are_those_of_the_files(tmp_path):
    write_images(tmp_path / "train", count=12)
    write_images(tmp_path / "valid", count=2)
    Image.new("L", (30, 40), 7).save(tmp_path / "valid" / "cat" / "grey.png")
    overview = look_over(tmp_path)
    assert overview.counts == {"train": [12, 12], "valid": [3, 2]}
    assert overview.kinds == {"colour": 28, "grey": 1}
    assert overview.describe_sizes() == (
        "12 to 30 pixels wide and 9 to 40 high, the medians are 12 x 9; a network is given 8 x 8"
    )
    assert [len(overview.thumbnails[label]) for label in (0, 1)] == [3, 3]


def test_a_picture_in_two_parts_is_found(tmp_path):
    write_images(tmp_path / "train", count=3)
    write_images(tmp_path / "test", count=1)
    overview = look_over(tmp_path)
    assert (len(overview.repeated), overview.crossing) == (2, 2)


def test_small_and_uneven_classes_are_noted(tmp_path):
    write_images(tmp_path, classes=("cat",), count=40)
    write_images(tmp_path, classes=("dog",), count=4)
    assert look_over(tmp_path).notes == [
        "fewer than 10 images: dog (4)",
        "the largest class has 10 times as many images as the smallest",
    ]


def test_files_of_several_frames_are_noted_once(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("paddleslim.nas.darts.data.folder"), "propagate", True)
    write_images(tmp_path)
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    for name in ("a", "b"):
        frames[0].save(tmp_path / "cat" / f"{name}.gif", save_all=True, append_images=frames[1:])
    note = "2 files hold several frames or pages, of which the first one is taken: "
    note += f"{tmp_path / 'cat' / 'a.gif'}, {tmp_path / 'cat' / 'b.gif'}"
    assert note in look_over(tmp_path).notes
    read_folder(tmp_path, 8)
    assert caplog.text.count(note) == 1


def test_damaged_files_are_kept_apart(tmp_path):
    write_images(tmp_path)
    (tmp_path / "dog" / "2.png").write_bytes(b"nothing")
    overview = look_over(tmp_path)
    assert overview.counts == {tmp_path.name: [10, 9]}
    assert [str(error) for error in overview.damaged] == [f"{tmp_path / 'dog' / '2.png'} is no image, or a damaged one"]


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_arrays_have_an_overview_too(dtype):
    image = np.random.default_rng(0).integers(0, 256, [30, 1, 4, 4]).astype(dtype)
    overview = look_over_arrays(load_arrays(image, np.arange(30) % 3), thumbnails=2)
    assert overview.counts == {"train": [8, 8, 8], "test": [2, 2, 2]}
    assert overview.sizes == []
    assert np.asarray(overview.thumbnails[1][0][0]).max() == 255


def test_a_class_without_a_training_image_is_noted(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, [4, 1, 4, 4])
    arrays = load_arrays(image, [0, 0, 1, 1], image, [0, 1, 2, 2])
    assert look_over_arrays(arrays).notes[0] == "class 2 has no training image"


def test_thumbnails_are_spread_over_the_files_of_each_class():
    assert choose_evenly([0] * 9 + [1], 3) == {0, 4, 8, 9}
