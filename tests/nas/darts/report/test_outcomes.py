import numpy as np
import paddle
import pytest
from paddle import nn

from paddleslim.nas.darts.report.outcomes import WORST, collect_outcomes, to_picture

SHARES = np.array([[0.7, 0.2, 0.1], [0.6, 0.3, 0.1], [0.1, 0.8, 0.1], [0.05, 0.05, 0.9], [0.2, 0.5, 0.3]])
LABEL = np.array([0, 1, 1, 0, 0])


class Table(nn.Layer):
    """Logits that are looked up: the first pixel of an image is its number."""

    def forward(self, image):
        assert not self.training
        return paddle.to_tensor(np.log(SHARES)[image[:, 0, 0, 0].numpy().astype(int)].astype("float32"))


def batches(size=2):
    image = np.arange(5, dtype="float32")[:, None, None, None] * np.ones([1, 1, 4, 4], "float32")
    image[:, :, 0, 0], image[:, :, 3, 3] = np.arange(5)[:, None], 9
    for start in range(0, 5, size):
        part = slice(start, start + size)
        yield paddle.to_tensor(image[part]), paddle.to_tensor(LABEL[part, None])


def test_outcomes_are_those_of_each_sample_whatever_the_batches():
    for size in (1, 2, 5):
        found = collect_outcomes(Table(), batches(size))
        assert found.true.tolist() == LABEL.tolist()
        assert found.predicted.tolist() == [0, 0, 1, 2, 1]
        np.testing.assert_allclose(found.probability, SHARES.max(1), rtol=1e-6)
        np.testing.assert_allclose(found.of_true, [0.7, 0.3, 0.8, 0.05, 0.2], rtol=1e-6)
        assert found.accuracy == pytest.approx(2 / 5)
        assert found.confusion().tolist() == [[1, 1, 1], [1, 1, 0], [0, 0, 0]]
        assert found.mistakes() == [(0, 1, 1), (0, 2, 1), (1, 0, 1)]
        assert found.worst == [3, 4, 1, 0, 2]
        assert sorted(found.pictures) == [0, 1, 2, 3, 4]
        assert [found.pictures[i].getpixel((0, 0))[0] for i in (0, 3)] == [0, 0]


def test_of_many_samples_the_pictures_of_the_worst_alone_are_kept():
    rng = np.random.default_rng(0)
    image, label = rng.normal(size=[200, 3, 2, 2]).astype("float32"), rng.integers(0, 3, [200, 1])
    network = nn.Sequential(nn.Flatten(), nn.Linear(12, 3))
    parts = [(paddle.to_tensor(image[i : i + 30]), paddle.to_tensor(label[i : i + 30])) for i in range(0, 200, 30)]
    found = collect_outcomes(network, parts)
    assert len(found.worst) == len(found.pictures) == WORST
    assert found.of_true[found.worst].tolist() == sorted(found.of_true)[:WORST]
    for i in found.worst[:3]:
        assert list(found.pictures[i].getdata()) == list(to_picture(image[i]).getdata())
    assert network.training


def test_what_is_no_classification_has_no_outcomes():
    floats = [(paddle.ones([4, 3]), paddle.ones([4, 1]))]
    assert collect_outcomes(nn.Linear(3, 1), floats) is None
    pixels = [(paddle.ones([4, 3, 2, 2]), paddle.zeros([4, 2, 2], "int64"))]
    assert collect_outcomes(nn.Conv2D(3, 2, 1), pixels) is None
    assert collect_outcomes(nn.Linear(3, 2), []) is None


def test_inputs_that_are_no_images_have_outcomes_without_pictures():
    words = [(paddle.ones([4, 3]), paddle.zeros([4, 1], "int64"))]
    found = collect_outcomes(nn.Linear(3, 2), words)
    assert (len(found.worst), found.pictures) == (4, {})


def test_a_picture_is_small_and_keeps_the_colours_that_are_restored():
    image = np.full([3, 400, 200], 0.5, "float32")
    picture = to_picture(image, lambda batch: batch * 100)
    assert picture.size == (48, 96)
    assert picture.getpixel((5, 5)) == (50, 50, 50)
    assert to_picture(np.zeros([5, 2, 2], "float32")).size == (2, 2)
