import numpy as np
import paddle
import pytest
from paddle import nn

from paddleslim.nas.darts import DARTS_V2
from paddleslim.nas.darts.retrain import CellNetwork, count_multiply_adds, count_parameters, evaluate, measure_latency
from tests.supernets import random_batches


def test_multiply_adds_are_counted_for_one_image():
    network = nn.Sequential(
        nn.Conv2D(3, 8, 3, padding=1, bias_attr=False),  # 8*6*6 outputs of 3*9 products
        nn.Conv2D(8, 8, 5, stride=2, padding=2, groups=8),  # 8*3*3 of 25
        nn.Flatten(),
        nn.Linear(72, 10),  # 10 of 72
    )
    assert count_multiply_adds(network, [3, 6, 6]) == 8 * 36 * 27 + 8 * 9 * 25 + 720
    assert network.training
    assert not network[0]._forward_post_hooks


def test_parameters_leave_out_statistics_and_the_auxiliary_tower():
    with_tower = CellNetwork(DARTS_V2, channels=4, layers=3, auxiliary=True)
    without = CellNetwork(DARTS_V2, channels=4, layers=3)
    assert count_parameters(with_tower) == count_parameters(without)
    assert count_parameters(nn.BatchNorm2D(5)) == 10


def test_an_evaluation_equals_sums_over_all_images():
    paddle.seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(64, 10))
    batches = random_batches(3) + random_batches(1, samples=3, seed=1)
    result = evaluate(network, batches)
    weight, bias = network[2].weight.numpy().astype("float64"), network[2].bias.numpy()
    image = np.concatenate([b[0] for b in batches]).reshape(27, 64)
    label = np.concatenate([b[1] for b in batches])[:, 0]
    logits = image @ weight + bias
    own = logits[np.arange(27), label]
    assert result.loss == pytest.approx((np.log(np.exp(logits).sum(1)) - own).mean(), rel=1e-5)
    ranks = (logits > own[:, None]).sum(1)
    assert result.top1 == pytest.approx((ranks < 1).mean())
    assert result.top5 == pytest.approx((ranks < 5).mean())
    assert network.training


def test_of_five_classes_or_fewer_there_is_no_top5_accuracy():
    image, label = np.ones([3, 4], "float32"), np.array([[0], [1], [4]])
    assert evaluate(nn.Linear(4, 5), [(image, label)]).top5 is None
    assert evaluate(nn.Linear(4, 6), [(image, label)]).top5 is not None


def test_an_evaluation_without_batches_or_classes_is_refused():
    with pytest.raises(ValueError, match="batches yielded no batch"):
        evaluate(nn.Linear(4, 6), [])
    with pytest.raises(ValueError, match=r"evaluate needs a network that returns logits .*, got \[3, 1\]"):
        evaluate(nn.Linear(4, 1), [(np.ones([3, 4], "float32"), np.ones([3, 1], "int64"))])


@pytest.mark.parametrize("measure", [count_multiply_adds, measure_latency])
def test_a_shape_of_no_image_is_refused(measure):
    with pytest.raises(ValueError, match=r"image_shape must be \[channels, height, width\], got \[1, 8\]"):
        measure(nn.Linear(4, 6), [1, 8])
    with pytest.raises(ValueError, match="height of image_shape must be a whole number of at least 1, got 0"):
        measure(nn.Linear(4, 6), [1, 0, 8])


def test_latency_takes_a_pass_at_least():
    with pytest.raises(ValueError, match="repeats must be a whole number of at least 1, got 0"):
        measure_latency(nn.Linear(4, 6), [1, 4, 4], repeats=0)


def test_latency_is_seconds_of_one_image():
    calls = []

    class Counting(nn.Layer):
        def forward(self, image):
            calls.append(list(image.shape))
            return image

    assert 0 < measure_latency(Counting(), [1, 2, 2], repeats=4) < 1
    assert calls == [[1, 1, 2, 2]] * 7
