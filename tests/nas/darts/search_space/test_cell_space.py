import collections

import paddle
import pytest
from paddle import nn

from paddleslim.nas.darts import get_genotype
from paddleslim.nas.darts.retrain import RetrainSettings, build_network
from paddleslim.nas.darts.search_space import SPACES, CellSpace

SETTINGS = RetrainSettings(channels=4, layers=2)


class Blur(nn.Layer):
    """A mean over 3x3 pixels."""

    def __init__(self, channels, stride, affine):
        super().__init__()
        self.pool = nn.AvgPool2D(3, stride, 1)

    def forward(self, x):
        return self.pool(x)


def batch():
    return paddle.randn([4, 1, 9, 9]), paddle.to_tensor([[0], [1], [2], [3]])


@pytest.mark.parametrize("name", list(SPACES))
def test_every_space_makes_a_supernet_a_genotype_and_its_network(name):
    space = SPACES[name]
    supernet = space.build_supernet(channels=4, num_classes=5, layers=3, in_channels=1)
    image, label = batch()
    supernet._loss(image, label).backward()
    assert all(alpha.grad is not None for alpha in supernet.arch_parameters())
    for genotype in (get_genotype(supernet), space.draw_genotype(0)):
        network = build_network(genotype, [1, 9, 9], 5, SETTINGS, space.builders)
        assert list(network(image).shape) == [4, 5]


@pytest.mark.parametrize("name", list(SPACES))
def test_the_seed_alone_decides_a_random_cell(name):
    space = SPACES[name]
    assert space.draw_genotype(5) == space.draw_genotype(5)
    assert len({str(space.draw_genotype(seed)) for seed in range(10)}) > 5


def test_a_random_cell_takes_two_sources_and_every_operation_but_none():
    names, sources = collections.Counter(), collections.Counter()
    for seed in range(300):
        genotype = SPACES["darts"].draw_genotype(seed)
        for gene in (genotype.normal, genotype.reduce):
            for state in range(4):
                (first, a), (second, b) = gene[2 * state : 2 * state + 2]
                assert 0 <= a < b < state + 2
                names.update([first, second])
                sources.update([(state, a), (state, b)])
    assert "none" not in names
    assert len(names) == 7
    assert min(names.values()) > 0.85 * 4800 / 7
    assert len(sources) == 14


def test_a_random_cell_may_have_fewer_states():
    assert len(SPACES["darts"].draw_genotype(0, steps=2).normal) == 4


def test_all_15625_strings_of_the_benchmark_can_be_drawn():
    space = SPACES["nas-bench-201"]
    edges = [collections.Counter() for _ in range(6)]
    for seed in range(400):
        for edge, part in enumerate(
            space.draw_genotype(seed).replace("+", "").strip("|").replace("||", "|").split("|")
        ):
            edges[edge][part.split("~")[0]] += 1
    assert [len(edge) for edge in edges] == [5] * 6
    assert min(min(edge.values()) for edge in edges) > 40


def test_operations_of_ones_own_are_searched_and_retrained():
    space = CellSpace("mine", {"skip_connect": None, "sep_conv_3x3": None, "blur": Blur})
    supernet = space.build_supernet(channels=4, num_classes=5, layers=2, in_channels=1)
    with paddle.no_grad():
        supernet.alphas_normal[:, 2] = 1.0
        supernet.alphas_reduce[:, 2] = 1.0
    genotype = get_genotype(supernet)
    assert {name for name, _ in genotype.normal + genotype.reduce} == {"blur"}
    network = build_network(genotype, [1, 9, 9], 5, SETTINGS, space.builders)
    assert sum(isinstance(layer, Blur) for layer in network.sublayers()) == 16


def test_a_space_without_an_operation_is_refused():
    with pytest.raises(ValueError, match="space 'empty' needs an operation other than 'none'"):
        CellSpace("empty", ["none"])


def test_an_unknown_operation_is_refused():
    with pytest.raises(ValueError, match="operation 'warp' is unknown"):
        CellSpace("odd", ["warp"]).build_supernet(4, 10, 2, 1)


def test_one_name_alone_is_no_list_of_operations():
    with pytest.raises(TypeError, match=r"operations must be a list of names such as .*, got 'none'"):
        CellSpace("mine", "none")


def test_a_space_says_what_it_is_in_a_line():
    assert repr(SPACES["s2"]) == "CellSpace('s2': skip_connect, sep_conv_3x3)"
    assert repr(SPACES["nas-bench-201"]) == "NASBench201Space('nas-bench-201': cells of 4 nodes)"
