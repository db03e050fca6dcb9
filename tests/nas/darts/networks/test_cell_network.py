import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import DARTS_V2, PC_DARTS
from paddleslim.nas.darts.retrain import CellNetwork, count_multiply_adds, count_parameters
from paddleslim.nas.darts.search_space import layer_graph


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


class Double(paddle.nn.Layer):
    """An operation that the kernels do not know."""

    def forward(self, x):
        return 2 * x


@pytest.mark.parametrize("drop_path", [0.0, 0.3])
def test_an_operation_of_ones_own_leaves_the_others_to_the_kernels(drop_path, monkeypatch):
    pytest.importorskip("numba")
    from paddleslim.kernels.graph import compiled

    programs = []
    forward = compiled.CompiledGraph.forward
    monkeypatch.setattr(
        compiled.CompiledGraph, "forward", lambda self, *rest: programs.append(self) or forward(self, *rest)
    )
    genotype = DARTS_V2._replace(normal=[("double", 0), ("sep_conv_3x3", 1), ("skip_connect", 0), ("sep_conv_3x3", 2)])
    genotype = genotype._replace(normal_concat=range(2, 4))
    paddle.seed(0)
    builders = {"double": lambda channels, stride, affine: Double()}
    network = CellNetwork(genotype, 4, 10, 3, auxiliary=True, builders=builders)
    network.drop_path = drop_path
    image = paddle.randn([2, 3, 32, 32])
    sum(logits.sum() for logits in network.forward_twice(image)).backward()
    # two stems, of which one is the identity; two inputs and two operations of the first cell; two more cells; a head
    assert len(programs) == 1 + 4 + 2 + 1
    assert all(weight.grad is not None for weight in network.parameters() if not weight.stop_gradient)


def test_with_an_operation_of_ones_own_the_kernels_and_paddle_agree(monkeypatch):
    genotype = DARTS_V2._replace(normal=[("double", 0), ("sep_conv_3x3", 1)], normal_concat=range(2, 3))
    builders = {"double": lambda channels, stride, affine: Double()}
    network = CellNetwork(genotype, 4, 10, 3, builders=builders).to(dtype="float64")
    image, found = paddle.randn([2, 3, 16, 16], "float64"), []
    for _ in range(2):
        logits = network(image)
        logits.square().sum().backward()
        found.append(
            [logits.numpy(), *(weight.grad.numpy() for weight in network.parameters() if not weight.stop_gradient)]
        )
        network.clear_gradients()
        monkeypatch.setattr(layer_graph, "usable", lambda *tensors: False)
    for ours, paddles in zip(*found):
        np.testing.assert_allclose(ours, paddles, rtol=1e-9, atol=1e-9)
