import numpy as np
import paddle
import pytest
from paddle import nn

from paddleslim.nas.darts.search_space import (
    S2,
    S4,
    CellSpace,
    DARTSSupernet,
    NASBench201Supernet,
    PCDARTSSupernet,
    cell,
    make_s1,
)

SIZES = {"channels": 4, "num_classes": 5, "layers": 3, "in_channels": 1}


@pytest.fixture(params=["kernels", "operators"])
def way(request, monkeypatch):
    """Whether a cell is computed by kernels or by Paddle's operators."""
    if request.param == "operators":
        monkeypatch.setattr(cell, "usable", lambda *tensors: False)
    return request.param


def with_beta(beta):
    def mixture(alphas, index):
        weights = nn.functional.softmax(alphas)
        return paddle.concat([weights, paddle.full([len(weights), 1], beta, weights.dtype)], axis=1)

    return mixture


def plain_and_auxiliary(supernet_class, dtype="float64", **sizes):
    """Return a supernet without and one with auxiliary skip connections, of equal weights, in evaluation mode."""
    paddle.set_default_dtype(dtype)
    try:
        plain = supernet_class(**SIZES, **sizes)
        auxiliary = supernet_class(**SIZES, **sizes, auxiliary_skip=True)
        image = paddle.randn([2, 1, 8, 8])
    finally:
        paddle.set_default_dtype("float32")
    auxiliary.set_state_dict(
        {k: v for k, v in plain.state_dict().items() if v.shape == auxiliary.state_dict()[k].shape}
    )
    plain.eval()
    auxiliary.eval()
    return plain, auxiliary, image


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("supernet_class", [DARTSSupernet, PCDARTSSupernet])
def test_without_a_weight_the_auxiliary_skip_connection_changes_nothing(supernet_class):
    names = ("max_pool_3x3", "sep_conv_3x3")  # no factorised reduction that would share a tensor with the auxiliary one
    plain, auxiliary, image = plain_and_auxiliary(supernet_class, primitives=names, steps=2, multiplier=2)
    expected = plain(image).numpy()
    np.testing.assert_allclose(auxiliary(image).numpy(), expected, rtol=1e-9)
    auxiliary.mixture = with_beta(0.5)
    assert np.abs(auxiliary(image).numpy() - expected).max() > 1e-3


@pytest.mark.usefixtures("way")
def test_beta_is_added_to_the_identity_of_a_normal_cell():
    _, auxiliary, _ = plain_and_auxiliary(DARTSSupernet, primitives=("none", "skip_connect"), steps=2, multiplier=2)
    normal = auxiliary.cells[0]
    s0 = paddle.randn([2, 12, 4, 4], "float64")
    beta = paddle.to_tensor([[0.2, 0.3, 0.5]] * 5, "float64")
    moved = paddle.to_tensor([[0.2, 0.8, 0.0]] * 5, "float64")
    np.testing.assert_allclose(normal(s0, s0, beta).numpy(), normal(s0, s0, moved).numpy(), rtol=1e-9)


def test_kernels_and_operators_agree_in_values_and_gradients(monkeypatch):
    found = []
    for kernels in (True, False):
        if not kernels:
            monkeypatch.setattr(cell, "usable", lambda *tensors: False)
        paddle.seed(3)
        _, auxiliary, image = plain_and_auxiliary(DARTSSupernet, steps=2, multiplier=2)
        auxiliary.train()
        auxiliary.mixture = with_beta(0.7)
        loss = auxiliary._loss(image, paddle.to_tensor([1, 3]))
        found.append([loss, *paddle.grad(loss, [p for p in auxiliary.parameters() if not p.stop_gradient])])
    for one, other in zip(*found):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-6, atol=1e-10)


def test_a_reduction_has_an_auxiliary_factorised_reduction_of_its_own_on_every_edge():
    supernet = S2.build_supernet(4, 5, 3, 1, steps=2, auxiliary_skip=True)
    found = [name for name in supernet.operation_weights() if "auxiliary_skip" in name]
    assert sorted(found) == [
        f"cell {number}, edge {edge}, auxiliary_skip" for number in (1, 2) for edge in (0, 1, 2, 3)
    ]


def test_nas_bench_201_adds_beta_to_its_identity():
    supernet, image = NASBench201Supernet(4, 5, 1, 1), paddle.randn([2, 1, 8, 8])
    supernet.eval()
    supernet.mixture = with_beta(0.5)
    found = supernet(image).numpy()
    shift = paddle.to_tensor([0.0, 0.5, 0.0, 0.0, 0.0])
    supernet.mixture = lambda alphas, index: nn.functional.softmax(alphas) + shift
    np.testing.assert_allclose(found, supernet(image).numpy(), rtol=1e-5)


def test_spaces_of_tables_and_of_custom_operations_have_it_too():
    table = [["skip_connect", "sep_conv_3x3"]] * 14
    for space in (make_s1(table, table), S4, CellSpace("convs", ["sep_conv_3x3", "dil_conv_3x3"])):
        supernet = space.build_supernet(4, 5, 3, 1, auxiliary_skip=True)
        supernet.mixture = with_beta(1.0)
        assert supernet(paddle.randn([2, 1, 8, 8])).shape == [2, 5]


def test_a_supernet_without_it_says_how_to_get_one():
    supernet = S2.build_supernet(4, 5, 3, 1)
    supernet.mixture = with_beta(1.0)
    with pytest.raises(ValueError, match="build it with auxiliary_skip=True"):
        supernet(paddle.randn([2, 1, 8, 8]))
