import paddle
import pytest

from paddleslim.nas.darts.retrain import NASBench201Network, count_multiply_adds, count_parameters

ALL_3X3 = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|"
MIXED = "|nor_conv_1x1~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|none~1|nor_conv_3x3~2|"


def test_parameters_and_flops_are_those_of_the_benchmark():
    # "1.531546 MB" and "220.12 M" there, for CIFAR-10
    network = NASBench201Network(ALL_3X3)
    assert count_parameters(network) == 1_531_546
    assert round(count_multiply_adds(network, [3, 32, 32]) / 1e6, 2) == 220.12


def test_a_cell_sums_the_edges_into_each_node():
    paddle.seed(0)
    network = NASBench201Network(MIXED, channels=4, layers=1)
    network.eval()
    cell, x = network.cells[0], paddle.randn([2, 4, 6, 6])
    first = cell.nodes[0][0](x)
    second = paddle.nn.functional.avg_pool2d(first, 3, 1, 1)
    expected = x + cell.nodes[2][2](second)
    assert float((cell(x) - expected).abs().max()) < 1e-6


@pytest.mark.parametrize("size", [32, 9, 8])
def test_images_of_any_size_give_logits(size):
    network = NASBench201Network(MIXED, channels=4, num_classes=7, layers=1, in_channels=1)
    assert list(network(paddle.randn([2, 1, size, size])).shape) == [2, 7]


def test_a_cell_of_three_nodes_between_pools():
    cell = "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_1x1~1|"
    network = NASBench201Network(cell, 8, layers=1, in_channels=1, nodes=3, reduction="pool")
    # stem, convolutions of size 3 and 1 in three cells, between the stages, last norm, linear; all with their norms
    assert count_parameters(network) == 88 + 12_208 + 1_456 + 736 + 64 + 330
    assert list(network(paddle.randn([2, 1, 14, 14])).shape) == [2, 10]
