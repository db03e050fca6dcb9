import pathlib
import sys

import numpy as np
import pytest

from paddleslim.nas.darts.data import load_dataset, load_digits


def test_digits_are_1797_images_of_mean_0_and_deviation_1():
    digits = load_digits()
    assert digits.image.shape == (1797, 1, 8, 8)
    assert abs(digits.image.mean()) < 1e-5
    assert abs(digits.image.std() - 1) < 1e-5


def test_digits_are_those_that_scikit_learn_returns_and_do_not_import_it(monkeypatch):
    from sklearn import datasets

    image, label = datasets.load_digits(return_X_y=True)
    with monkeypatch.context() as without:
        for name in [name for name in sys.modules if name.partition(".")[0] == "sklearn"]:
            without.delitem(sys.modules, name)
        digits = load_digits()
        assert "sklearn" not in sys.modules
    image = image.reshape(-1, 1, 8, 8).astype("float32")
    np.testing.assert_array_equal(digits.image, (image - image.mean()) / image.std())
    np.testing.assert_array_equal(digits.label, label)
    monkeypatch.setattr(pathlib.Path, "is_file", lambda self: False)
    np.testing.assert_array_equal(load_digits().image, digits.image)


def test_a_fifth_of_the_digits_is_always_the_same_test_set():
    first, second = load_dataset("digits"), load_dataset("digits")
    assert len(first.train) + len(first.test) == 1797
    assert len(first.test) in range(355, 365)
    np.testing.assert_array_equal(first.test.image, second.test.image)


def test_a_limit_keeps_the_proportions_of_the_classes():
    dataset = load_dataset("digits", limit=200)
    assert len(dataset.train) in range(195, 206)
    assert len(dataset.test) in range(35, 46)
    assert np.bincount(dataset.train.label).min() >= 18


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(
        ValueError, match=r"data 'svhn' is no folder of images, no \.npz file and none of digits, mnist"
    ):
        load_dataset("svhn")


def test_the_folder_beside_that_is_nearest_is_asked_for(tmp_path):
    (tmp_path / "flowers").mkdir()
    (tmp_path / "flowers.txt").write_text("no data")
    with pytest.raises(ValueError, match=r"Did you mean '.*flowers'\?$"):
        load_dataset(tmp_path / "flower")


def test_a_missing_folder_of_files_is_named():
    with pytest.raises(FileNotFoundError, match="data_dir nowhere is no folder"):
        load_dataset("mnist", "nowhere")


def test_the_ending_of_a_file_of_arrays_may_be_in_capitals(tmp_path):
    image = np.random.default_rng(0).integers(0, 256, [20, 3, 4, 4]).astype("uint8")
    np.savez(tmp_path / "mine.npz", image=image, label=np.arange(20) % 2)
    (tmp_path / "mine.npz").rename(tmp_path / "MINE.NPZ")
    assert load_dataset(tmp_path / "MINE.NPZ").image_shape == [3, 4, 4]


def test_a_limit_below_1_is_refused():
    with pytest.raises(ValueError, match="limit must be a whole number of at least 1, got 0"):
        load_dataset("digits", limit=0)
