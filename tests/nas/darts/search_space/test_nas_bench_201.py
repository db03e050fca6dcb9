import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.search_space.nas_bench_201 import NASBench201Supernet

from .compare import images, shuffle_statistics
from .plain_201 import PlainSupernet201


@pytest.fixture
def double():
    paddle.set_default_dtype("float64")
    yield
    paddle.set_default_dtype("float32")


def make_supernet(**shape):
    paddle.seed(5)
    supernet = NASBench201Supernet(channels=3, num_classes=4, layers=1, **shape)
    supernet.alphas.set_value(paddle.randn(supernet.alphas.shape))
    shuffle_statistics(supernet)
    return supernet


def gradients_of(supernet, image, label):
    loss = supernet._loss(image, label)
    loss.backward()
    found = {name: p.grad for name, p in supernet.named_parameters() if p.grad is not None}
    found.update({n: t for n, t in supernet.state_dict().items() if n.endswith(("_mean", "_variance"))})
    return {"loss": loss.numpy(), **{name: tensor.numpy().copy() for name, tensor in found.items()}}


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(3, 8, 8), (1, 9, 7)])
@pytest.mark.parametrize("cell", [{}, {"nodes": 3, "reduction": "pool"}])
def test_node_by_node_equals_edge_by_edge(double, training, shape, cell):
    fast = make_supernet(**cell)
    plain = PlainSupernet201(fast)
    for supernet in (fast, plain):
        (supernet.train if training else supernet.eval)()
    batch = images("float64", *shape, classes=4)
    found, expected = gradients_of(fast, *batch), gradients_of(plain, *batch)
    expected = {**{name: value for name, value in expected.items() if name in found}, **plain.by_fast_name()}
    assert expected.keys() == found.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=0, atol=1e-10 * max(np.abs(value).max(), 1e-3))


def test_recomputed_cells_give_the_same_bits():
    supernet = make_supernet()
    batch = images("float32", 2, 8, 8, classes=4)
    start = {name: tensor.clone() for name, tensor in supernet.state_dict().items()}
    kept = gradients_of(supernet, *batch)
    supernet.clear_gradients()
    supernet.set_state_dict(start)
    for cell in supernet.cells:
        cell.recompute = True
    again = gradients_of(supernet, *batch)
    assert kept.keys() == again.keys()
    assert all(np.array_equal(kept[name], again[name]) for name in kept)


def test_genotype_is_the_benchmarks_string():
    supernet = make_supernet()
    strongest = [3, 1, 0, 4, 2, 1]
    supernet.alphas.set_value(paddle.nn.functional.one_hot(paddle.to_tensor(strongest), 5))
    expected = "|nor_conv_3x3~0|+|skip_connect~0|none~1|+|avg_pool_3x3~0|nor_conv_1x1~1|skip_connect~2|"
    assert supernet.genotype() == expected


def test_a_cell_of_three_nodes_has_three_edges():
    supernet = make_supernet(nodes=3, reduction="pool")
    supernet.alphas.set_value(paddle.nn.functional.one_hot(paddle.to_tensor([3, 1, 4]), 5))
    assert supernet.genotype() == "|nor_conv_3x3~0|+|skip_connect~0|avg_pool_3x3~1|"


@pytest.mark.parametrize(
    ("argument", "message"),
    [({"nodes": 1}, "at least 2 nodes, input and output, got nodes=1"), ({"reduction": "none"}, "got 'none'")],
)
def test_another_cell_is_refused(argument, message):
    with pytest.raises(ValueError, match=message):
        make_supernet(**argument)


def test_sizes_below_one_are_refused():
    with pytest.raises(ValueError, match="layers must be a whole number of at least 1, got 0"):
        NASBench201Supernet(layers=0)
