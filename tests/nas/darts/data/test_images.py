import numpy as np
import pytest

from paddleslim.nas.darts.data import Images, split
from paddleslim.nas.darts.data.images import make_dataset


def numbered(count=100, classes=4):
    """Images that hold their own number."""
    image = np.arange(count, dtype=np.float32)[:, None, None, None] * np.ones([1, 1, 2, 2], np.float32)
    return Images(image, np.arange(count) % classes, classes)


def numbers(images):
    return images.image[:, 0, 0, 0].astype(int).tolist()


def test_the_two_parts_are_disjoint_and_hold_everything():
    first, second = split(numbered(), 0.3, seed=1)
    assert sorted(numbers(first) + numbers(second)) == list(range(100))
    assert (first.label == np.array(numbers(first)) % 4).all()


def test_each_class_is_parted_by_the_share():
    first, _ = split(numbered(), 0.2, seed=1)
    assert np.bincount(first.label).tolist() == [5, 5, 5, 5]


def test_the_seed_alone_decides_the_parts():
    assert numbers(split(numbered(), 0.5, seed=3)[0]) == numbers(split(numbered(), 0.5, seed=3)[0])
    assert numbers(split(numbered(), 0.5, seed=3)[0]) != numbers(split(numbered(), 0.5, seed=4)[0])


@pytest.mark.parametrize("share", [0, 1, -0.5, 1.5])
def test_a_share_outside_0_and_1_is_refused(share):
    with pytest.raises(ValueError, match="share must be between 0 and 1"):
        split(numbered(), share, seed=0)


def test_a_part_that_would_be_empty_is_refused():
    with pytest.raises(ValueError, match="too few to part"):
        split(numbered(4), 0.1, seed=0)


def test_a_constant_channel_cannot_be_normalised():
    constant = Images(np.ones([10, 1, 2, 2], np.float32), np.arange(10) % 2, 2)
    with pytest.raises(ValueError, match="a channel is constant"):
        make_dataset("flat", constant, constant, ["a", "b"])


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (np.array([0, 1]), r"label must be an array of 3 integers, one for each image, got int64 \[2\]"),
        (np.array([[0], [1], [2]]), r"got int64 \[3, 1\]"),
        (np.array([0.0, 1.0, 2.0]), r"got float64 \[3\]"),
        ([0, 1, 2], "got list"),
        (np.array([0, 1, 3]), "at least 0 and below the 3 classes, got 0 to 3"),
        (np.array([0, 1, -1]), "got -1 to 1"),
    ],
)
def test_labels_that_name_no_class_of_each_image_are_refused(label, message):
    with pytest.raises(ValueError, match=message):
        Images(np.zeros([3, 1, 2, 2], "float32"), label, 3)


def test_a_negative_seed_is_refused():
    with pytest.raises(ValueError, match="seed must be a whole number of at least 0, got -1"):
        split(Images(np.zeros([4, 1, 2, 2], "float32"), np.array([0, 1, 0, 1]), 2), 0.5, -1)
