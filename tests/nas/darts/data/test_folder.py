import numpy as np
import pytest
from PIL import Image

from paddleslim.nas.darts.data import folder as folder_module
from paddleslim.nas.darts.data import load_dataset, split
from paddleslim.nas.darts.data.folder import ImageFiles, read_folder

pytestmark = pytest.mark.any_paddle


def write_images(folder, classes=("cat", "dog"), count=10, size=(12, 9)):
    """Write images of one colour each: class k has k in its red channel, the number of the image in its green."""
    for k, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for i in range(count):
            Image.new("RGB", size, (k, i, 7 + i)).save(folder / name / f"{i}.png")


def test_each_sub_folder_is_a_class(tmp_path):
    write_images(tmp_path)
    images, names = read_folder(tmp_path, 8)
    assert names == ["cat", "dog"]
    assert images.image.shape == (20, 3, 8, 8)
    assert images.image.dtype == np.uint8
    assert (images.image[:, 0, 4, 4] == images.label).all()


def test_a_large_folder_is_read_where_it_is_indexed(tmp_path, monkeypatch):
    write_images(tmp_path)
    at_once, _ = read_folder(tmp_path, 8)
    monkeypatch.setattr(folder_module, "IN_MEMORY", 100)
    images, _ = read_folder(tmp_path, 8)
    assert isinstance(images.image, ImageFiles)
    first, _ = split(images, 0.5, seed=0)
    expected, _ = split(at_once, 0.5, seed=0)
    np.testing.assert_array_equal(first.image[np.arange(4)], expected.image[:4])


def test_folders_train_and_test_are_taken_as_such(tmp_path):
    write_images(tmp_path / "train")
    write_images(tmp_path / "test", count=3)
    dataset = load_dataset(str(tmp_path), image_size=8)
    assert (len(dataset.train), len(dataset.test), dataset.class_names) == (20, 6, ["cat", "dog"])


def test_without_them_a_fifth_of_each_class_is_kept_for_the_test(tmp_path):
    write_images(tmp_path)
    dataset = load_dataset(str(tmp_path), image_size=8)
    assert np.bincount(dataset.test.label).tolist() == [2, 2]


def test_other_classes_in_the_test_are_refused(tmp_path):
    write_images(tmp_path / "train")
    write_images(tmp_path / "test", classes=("cat", "cow"))
    with pytest.raises(
        ValueError, match="holds the classes cat, cow; its classes should be among those of the training, cat, dog"
    ):
        load_dataset(str(tmp_path), image_size=8)


def test_a_damaged_image_is_named(tmp_path):
    write_images(tmp_path)
    (tmp_path / "cat" / "3.png").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"3\.png is no image"):
        read_folder(tmp_path, 8)


@pytest.mark.parametrize(("classes", "message"), [(("cat",), "two or more classes"), ((), "two or more classes")])
def test_one_class_is_too_few(tmp_path, classes, message):
    write_images(tmp_path, classes=classes)
    with pytest.raises(ValueError, match=message):
        read_folder(tmp_path, 8)


def test_an_empty_class_is_named(tmp_path):
    write_images(tmp_path)
    (tmp_path / "eel").mkdir()
    with pytest.raises(ValueError, match="eel holds no image"):
        read_folder(tmp_path, 8)
