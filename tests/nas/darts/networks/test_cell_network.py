import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import DARTS_V2, PC_DARTS
from paddleslim.nas.darts.retrain import CellNetwork, count_multiply_adds, count_parameters


@pytest.mark.parametrize(("genotype", "millions"), [(DARTS_V2, 3.3), (PC_DARTS, 3.6)])
def test_published_cells_have_the_parameters_of_the_papers_on_cifar(genotype, millions):
    network = CellNetwork(genotype, channels=36, layers=20, auxiliary=True)
    assert round(count_parameters(network) / 1e6, 1) == millions


@pytest.mark.parametrize(("genotype", "millions"), [(DARTS_V2, 4.7), (PC_DARTS, 5.3)])
def test_published_cells_have_the_parameters_of_the_papers_on_imagenet(genotype, millions):
    network = CellNetwork(genotype, channels=48, num_classes=1000, layers=14, large_images=True, auxiliary=True)
    assert round(count_parameters(network) / 1e6, 1) == millions


def test_published_cells_stay_below_600_million_multiply_adds_the_limit_of_the_mobile_setting():
    network = CellNetwork(DARTS_V2, channels=48, num_classes=1000, layers=14, large_images=True)
    assert 500e6 < count_multiply_adds(network, [3, 224, 224]) < 600e6


@pytest.mark.parametrize("size", [32, 29, 40])
def test_the_auxiliary_tower_gives_logits_of_its_own(size):
    network = CellNetwork(DARTS_V2, channels=4, layers=3, auxiliary=True)
    logits, second = network.forward_twice(paddle.randn([2, 3, size, size]))
    assert list(logits.shape) == list(second.shape) == [2, 10]
    assert np.abs(logits.numpy() - second.numpy()).max() > 0


def test_forward_is_the_first_of_both():
    network = CellNetwork(DARTS_V2, channels=4, layers=3, auxiliary=True)
    network.eval()
    image = paddle.randn([2, 3, 32, 32])
    np.testing.assert_array_equal(network(image).numpy(), network.forward_twice(image)[0].numpy())


def test_without_a_tower_there_are_no_second_logits():
    assert CellNetwork(DARTS_V2, channels=4, layers=2).forward_twice(paddle.randn([2, 3, 8, 8]))[1] is None


def test_the_stem_for_large_images_divides_the_size_by_8():
    network = CellNetwork(DARTS_V2, channels=4, layers=2, large_images=True)
    assert list(network.stem[1](network.stem[0](paddle.randn([1, 3, 64, 64]))).shape) == [1, 4, 8, 8]


@pytest.mark.parametrize("size", ["channels", "num_classes", "layers", "in_channels"])
def test_a_size_below_1_is_refused(size):
    with pytest.raises(ValueError, match=f"{size} must be a whole number of at least 1, got 0"):
        CellNetwork(DARTS_V2, **{size: 0})


def test_an_operation_of_ones_own_is_built_from_its_builder():
    genotype = DARTS_V2._replace(normal=[("double", 0), ("double", 1)], normal_concat=range(2, 3))
    strides = []

    class Double(paddle.nn.Layer):
        def forward(self, x):
            return 2 * x

    def build(channels, stride, affine):
        strides.append((channels, stride, affine))
        return Double()

    network = CellNetwork(genotype, channels=4, layers=3, builders={"double": build})
    assert list(network(paddle.randn([2, 3, 8, 8])).shape) == [2, 10]
    assert strides == [(4, 1, True)] * 2
