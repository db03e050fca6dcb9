import numpy as np
import paddle
import pytest
from paddle import nn

from paddleslim.nas.darts.genotype.published import DARTS_V2
from paddleslim.nas.darts.networks import cell as cell_module
from paddleslim.nas.darts.networks import cell_network, nas_bench_201
from paddleslim.nas.darts.networks.cell_network import CellNetwork
from paddleslim.nas.darts.networks.nas_bench_201 import NASBench201Network
from paddleslim.nas.darts.search_space import layer_graph
from paddleslim.nas.darts.search_space.layer_graph import compute, run
from paddleslim.nas.darts.search_space.operations import batch_norm, conv

CELL = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|none~1|nor_conv_1x1~2|"
NETWORKS = {
    "small images": (lambda: CellNetwork(DARTS_V2, 4, 5, 3, auxiliary=True), [2, 3, 32, 32]),
    "large images": (lambda: CellNetwork(DARTS_V2, 4, 5, 3, large_images=True), [2, 3, 40, 33]),
    "NAS-Bench-201": (lambda: NASBench201Network(CELL, 3, 5, layers=1), [3, 3, 9, 11]),
    "NAS-Bench-201, pooled": (lambda: NASBench201Network(CELL, 3, 5, layers=1, reduction="pool"), [2, 3, 8, 8]),
}


def masks_by_image(shape, probability, dtype):
    """Return masks that drop the first image of a batch and double the others."""
    return paddle.concat([paddle.zeros([1, *shape[1:]], dtype), paddle.full([shape[0] - 1, *shape[1:]], 2.0, dtype)])


def results(network, image):
    """Return logits, gradients and the state after a pass."""
    logits = [found for found in network.forward_twice(image) if found is not None]
    sum((found * (found + 1)).sum() for found in logits).backward()
    found = [tensor.numpy().copy() for tensor in [*logits, image.grad]]
    found += [p.grad.numpy().copy() for p in network.parameters() if p.grad is not None]
    network.clear_gradients()
    image.clear_gradient()
    return found + [tensor.numpy().copy() for tensor in network.state_dict().values()]


def by_operators(monkeypatch):
    for module in (cell_network, nas_bench_201):
        monkeypatch.setattr(module, "compute", lambda *args, **kwargs: None)


@pytest.fixture
def double():
    paddle.set_default_dtype("float64")
    yield
    paddle.set_default_dtype("float32")


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_as_one_program_equals_its_layers(monkeypatch, double, name, training):
    for module in (cell_module, cell_network):
        monkeypatch.setattr(module, "draw_masks", masks_by_image)
    paddle.seed(1)
    make, shape = NETWORKS[name]
    network, image = make(), paddle.randn(shape)
    network.drop_path, image.stop_gradient = 0.2, False
    (network.train if training else network.eval)()
    start = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    assert compute(network, [image.detach()], *network_arguments(network, image)) is not None
    network.set_state_dict(start)
    found = results(network, image)
    network.set_state_dict(start)
    by_operators(monkeypatch)
    expected = results(network, image)
    assert len(found) == len(expected)
    for one, other in zip(found, expected):  # Paddle rounds the shares of a pool's gradient to single precision
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5 * max(1.0, np.abs(other).max()))


def network_arguments(network, image):
    """Return factors and options of a network's graph."""
    if isinstance(network, NASBench201Network):
        return ()
    droppable = sum(cell.droppable for cell in network.cells)
    masks = [paddle.ones([image.shape[0], droppable])] if network.training else []
    return masks, (network.auxiliary is not None, droppable)


def make_layer():
    paddle.seed(0)
    return nn.Sequential(nn.ReLU(), conv(3, 4, 3, padding=1), batch_norm(4))


def test_a_hook_is_called():
    layer, image, seen = make_layer(), paddle.randn([2, 3, 5, 5]), []
    assert compute(layer, [image]) is not None
    hook = layer[1].register_forward_post_hook(lambda layer, inputs, output: seen.append(output.shape))
    assert compute(layer, [image]) is None
    run(layer, image)
    assert seen == [[2, 4, 5, 5]]
    hook.remove()
    assert compute(layer, [image]) is not None


def test_a_frozen_norm_keeps_its_mode():
    layer, image = make_layer(), paddle.randn([2, 3, 5, 5])
    layer[2].eval()
    assert compute(layer, [image]) is None
    before = layer[2]._mean.numpy().copy()
    run(layer, image)
    np.testing.assert_array_equal(layer[2]._mean.numpy(), before)


class Doubled(nn.Layer):
    def forward(self, x):
        return 2 * x


@pytest.mark.parametrize(
    "other",
    [
        Doubled(),
        nn.Conv2D(4, 4, 3, padding=1),  # with a bias
        nn.Conv2D(4, 4, [1, 3], bias_attr=False),
        nn.Conv2D(4, 4, 3, groups=2, bias_attr=False),
        nn.BatchNorm2D(4, momentum=0.5),
        nn.BatchNorm2D(4, epsilon=1e-3),
        nn.BatchNorm2D(4, use_global_stats=True),
        nn.AvgPool2D([2, 1]),
    ],
)
def test_what_the_kernels_do_not_know_is_left_to_the_layers(other):
    layer, image = nn.Sequential(make_layer(), other), paddle.randn([2, 3, 6, 6])
    assert compute(layer, [image]) is None
    assert run(layer, image).shape == layer(image).shape


def test_a_replaced_sublayer_is_seen():
    layer, image = make_layer(), paddle.randn([2, 3, 5, 5])
    first = run(layer, image).numpy()
    layer[1] = conv(3, 4, 1)
    assert run(layer, image).shape == [2, 4, 5, 5]
    assert not np.allclose(run(layer, image).numpy(), first)
    layer[0] = Doubled()
    np.testing.assert_allclose(run(layer, image).numpy(), layer(image).numpy(), rtol=1e-5, atol=1e-6)


def test_a_graph_does_not_keep_its_layer_alive():
    layer = make_layer()
    run(layer, paddle.randn([2, 3, 5, 5]))
    assert layer in layer_graph.GRAPHS
    count = len(layer_graph.GRAPHS)
    del layer
    assert len(layer_graph.GRAPHS) == count - 1
