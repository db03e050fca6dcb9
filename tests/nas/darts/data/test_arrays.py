import logging

import numpy as np
import pytest

from paddleslim.nas.darts.data import load_arrays, load_dataset

pytestmark = pytest.mark.any_paddle

IMAGE = np.random.default_rng(0).integers(0, 256, [40, 3, 6, 6]).astype(np.uint8)
LABEL = np.arange(40) % 4


def test_arrays_become_a_data_set_with_a_test_set_of_its_own():
    dataset = load_arrays(IMAGE, LABEL)
    assert (len(dataset.train), len(dataset.test), dataset.num_classes, dataset.image_shape) == (32, 8, 4, [3, 6, 6])
    normal = dataset.augmentation.normalise(dataset.train.image)
    np.testing.assert_allclose(normal.mean(axis=(0, 2, 3)), 0, atol=1e-4)


def test_grey_images_get_a_channel_and_labels_may_be_a_column():
    dataset = load_arrays(IMAGE[:, 0] / 255, LABEL[:, None])
    assert dataset.image_shape == [1, 6, 6]
    assert dataset.train.image.dtype == np.float32


@pytest.mark.parametrize("dtype", ["?", "u1", "i2", ">i4", "i8", "f2", ">f4", "f8", "g"])
@pytest.mark.parametrize("labels", ["u1", ">u2", "i4", ">i8"])
def test_numbers_of_any_type_and_byte_order_are_the_same_images(dtype, labels):
    plain = load_arrays(IMAGE // 255, LABEL)
    found = load_arrays((IMAGE // 255).astype(dtype), LABEL.astype(labels))
    np.testing.assert_array_equal(found.train.image, plain.train.image)
    np.testing.assert_array_equal(found.train.label, plain.train.label)
    assert found.train.image.dtype == ("uint8" if dtype == "u1" else "float32")


def test_class_names_may_name_more_classes_than_there_are_labels():
    assert load_arrays(IMAGE, LABEL, class_names=list("abcde")).num_classes == 5


def test_class_names_may_be_bytes():
    names = np.array("Ampel Bär Chaos Dom".split()).astype(object)
    encoded = np.array([name.encode() for name in names])
    assert load_arrays(IMAGE, LABEL, class_names=encoded).class_names == names.tolist()


def test_a_file_of_arrays_is_a_data_set(tmp_path):
    path = tmp_path / "mine.npz"
    np.savez(path, image=IMAGE, label=LABEL, test_image=IMAGE[:5], test_label=LABEL[:5])
    dataset = load_dataset(str(path))
    assert (dataset.name, len(dataset.train), len(dataset.test)) == ("mine", 40, 5)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"image": IMAGE[0, 0], "label": LABEL}, r"image must be numbers of shape .* got uint8 \[6, 6\]"),
        ({"image": IMAGE, "label": LABEL[:7]}, r"label must be 40 integers .* got int64 \[7\]"),
        ({"image": IMAGE, "label": LABEL / 2}, r"label must be 40 integers .* got float64"),
        ({"image": IMAGE, "label": LABEL - 1}, "label must be 40 integers of at least 0"),
        ({"image": IMAGE, "label": LABEL, "test_image": IMAGE}, "go together"),
        ({"image": IMAGE, "label": LABEL, "test_image": IMAGE[:, :1], "test_label": LABEL}, "must be of one shape"),
        ({"image": IMAGE, "label": np.array(list("abcd"))[LABEL]}, r"return_inverse=True\) makes them of names"),
        (
            {"image": IMAGE, "label": LABEL, "test_image": IMAGE[:1], "test_label": np.array(["b"])},
            r"np.searchsorted\(class_names, test_label\) makes them of names",
        ),
        ({"image": IMAGE, "label": np.eye(4)[LABEL]}, r"label.argmax\(axis=1\) makes them of one column for each"),
        ({"image": IMAGE, "label": LABEL / 1}, r'label.astype\("int64"\) makes them of whole floats'),
        ({"image": IMAGE, "label": LABEL * 0}, "label holds only 0, and there must be two or more classes"),
        ({"image": IMAGE, "label": LABEL, "class_names": list("abca")}, "class_names holds 'a' more than once"),
        (
            {"image": IMAGE / 255, "label": LABEL, "test_image": IMAGE, "test_label": LABEL},
            "must both be floats or both integers, got float64 and uint8",
        ),
        ({"image": IMAGE.astype("complex64"), "label": LABEL}, "image must be numbers of .* got complex64"),
        ({"image": IMAGE.astype("U3"), "label": LABEL}, "image must be numbers of .* got <U3"),
        ({"image": [IMAGE[0], IMAGE[1, :, :2]], "label": LABEL[:2]}, "image holds arrays of different shapes"),
        ({"image": IMAGE[:0], "label": LABEL[:0]}, r"image holds nothing: its shape is \[0, 3, 6, 6\]"),
        ({"image": IMAGE[:, :, :0], "label": LABEL}, r"image holds nothing: its shape is \[40, 3, 0, 6\]"),
        ({"image": np.where(IMAGE[7, 0, 0, 0] == IMAGE, np.nan, 0), "label": LABEL}, "has a value that is not finite"),
        ({"image": IMAGE * 1e300, "label": LABEL}, "image number 0 has a value that is not finite as float32"),
        ({"image": IMAGE, "label": LABEL > 1}, r"label must be 40 integers .* got bool"),
        ({"image": IMAGE, "label": LABEL.astype("U1")}, r"label must be 40 integers .* got <U1"),
        ({"image": IMAGE, "label": LABEL * 10**12}, "label has numbers up to 3000000000000, and a network gets"),
        ({"image": IMAGE, "label": LABEL.astype("u8") + np.uint64(2**63)}, "label has numbers up to 92233720368"),
        ({"image": IMAGE, "label": LABEL, "class_names": ["a"]}, "class_names holds 1 names, but there are 4 labels"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(arrays, message):
    with pytest.raises(ValueError, match=message):
        load_arrays(**arrays)


def test_a_file_without_labels_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", image=IMAGE)
    with pytest.raises(
        ValueError, match=r"a\.npz holds image; it should hold image and label, and may hold test_image, test_label and"
    ):
        load_dataset(str(tmp_path / "a.npz"))


def test_a_damaged_file_is_refused(tmp_path):
    np.savez(tmp_path / "a.npz", image=IMAGE, label=LABEL)
    content = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(content[:-30])
    with pytest.raises(ValueError, match="is damaged"):
        load_dataset(str(tmp_path / "a.npz"))


def test_images_whose_channels_seem_to_be_last_get_a_warning(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("paddleslim.nas.darts.data.arrays"), "propagate", True)
    image = np.random.default_rng(0).random([20, 8, 9, 3])
    assert load_arrays(image, np.arange(20) % 2).image_shape == [8, 9, 3]
    assert "image [20, 8, 9, 3] is read as images of 8 channels" in caplog.text
    caplog.clear()
    load_arrays(image.transpose(0, 3, 1, 2), np.arange(20) % 2)
    assert caplog.text == ""


def test_labels_with_gaps_get_a_warning(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("paddleslim.nas.darts.data.arrays"), "propagate", True)
    image = np.random.default_rng(0).integers(0, 256, [20, 1, 4, 4])
    dataset = load_arrays(image, np.arange(20) % 2 * 3)
    assert dataset.num_classes == 4
    assert "no training image has the label 1, 2; the network gets an output for each of 4 labels" in caplog.text
    assert "number the classes from 0 on without gaps" in caplog.text


def test_a_share_of_the_test_outside_0_and_1_is_refused():
    with pytest.raises(ValueError, match="test_share must be above 0 and below 1, got 2"):
        load_arrays(np.zeros([4, 1, 2, 2]), [0, 1, 0, 1], test_share=2)
