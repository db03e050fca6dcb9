import numpy as np
import pytest

from paddleslim.nas.darts.data import Batches, Images, ShuffledBatches
from tests.nas.darts.data.test_images import numbered


def read(batches):
    return [image[:, 0, 0, 0].astype(int).tolist() for image, _ in batches]


def test_an_epoch_shows_each_image_once_in_full_batches():
    batches = ShuffledBatches(numbered(100), 32, seed=0)
    found = read(batches)
    assert [len(b) for b in found] == [32] * len(batches) == [32] * 3
    assert len({n for batch in found for n in batch}) == 96


def test_the_order_changes_from_epoch_to_epoch_and_repeats_with_the_seed():
    batches = ShuffledBatches(numbered(), 10, seed=7)
    first, second = read(batches), read(batches)
    assert first != second
    assert [first, second] == [read(b) for b in [ShuffledBatches(numbered(), 10, seed=7)] * 2]


def test_an_epoch_can_be_repeated_by_its_epoch():
    batches = ShuffledBatches(numbered(), 10, seed=7)
    epochs = [read(batches) for _ in range(3)]
    batches.set_epoch(1)
    assert read(batches) == epochs[1]


def test_labels_follow_their_images():
    for image, label in ShuffledBatches(numbered(), 10, seed=0):
        assert (label[:, 0] == image[:, 0, 0, 0] % 4).all()


@pytest.mark.parametrize("size", [0, 101])
def test_a_batch_larger_than_the_set_is_refused(size):
    with pytest.raises(ValueError, match=f"between 1 and the 100 images there are, got {size}"):
        ShuffledBatches(numbered(), size, seed=0)


def test_in_order_no_image_is_left_out():
    batches = Batches(numbered(100), 32)
    found = read(batches)
    assert [number for batch in found for number in batch] == list(range(100))
    assert [len(b) for b in found] == [32, 32, 32, 4]
    assert len(batches) == 4


def test_batches_are_prepared_with_their_own_random_numbers():
    def prepare(image, rng):
        return image + rng.random(image.shape)

    first, second = (ShuffledBatches(numbered(), 50, 1, prepare) for _ in range(2))
    for (a, _), (b, _) in zip(first, second):
        np.testing.assert_array_equal(a, b)


def test_readers_say_what_they_are_in_a_line():
    images = Images(np.zeros([10, 1, 2, 2], "float32"), np.arange(10), 10)
    assert repr(ShuffledBatches(images, 4, seed=7)) == "ShuffledBatches(2 of 4 images, seed 7)"
    assert repr(Batches(images, 4)) == "Batches(3 of 4 images at most)"
    with pytest.raises(ValueError, match="seed must be a whole number of at least 0, got 'x'"):
        ShuffledBatches(images, 4, "x")
