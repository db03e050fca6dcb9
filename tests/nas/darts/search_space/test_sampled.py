import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.search_space import DARTSSupernet, NASBench201Supernet, PCDARTSSupernet
from paddleslim.nas.darts.search_space.sampled import live_operations
from paddleslim.nas.darts.strategy.decaying_skip import WithDecayingSkip
from paddleslim.nas.darts.strategy.gumbel_softmax import GumbelSoftmax
from paddleslim.nas.darts.strategy.mixture import mixed_by
from paddleslim.nas.darts.strategy.progress import Progress

HARD = GumbelSoftmax(hard=True)
SMALL = {"layers": 3, "num_classes": 5, "in_channels": 1, "steps": 2, "multiplier": 2}
SUPERNETS = {
    "darts": (lambda: DARTSSupernet(4, **SMALL), HARD),
    "recomputed": (lambda: DARTSSupernet(4, **SMALL, recompute=True), HARD),
    "pc-darts": (lambda: PCDARTSSupernet(8, **SMALL), HARD),
    "auxiliary skip": (lambda: DARTSSupernet(4, **SMALL, auxiliary_skip=True), WithDecayingSkip(HARD)),
    "nas-bench-201": (lambda: NASBench201Supernet(4, 5, 1, 1), HARD),
}


def results(supernet, mixture, batch, seed):
    """Return loss and gradients of all parameters at the sample of a seed, zeros where there is none."""
    with mixed_by(supernet, mixture, Progress(0, 0, 10, 10), lambda index: np.random.default_rng([seed, index])):
        loss = supernet._loss(*batch)
        parameters = [p for p in supernet.parameters() if not p.stop_gradient]
        found = paddle.grad(loss, parameters, allow_unused=True)
    return [loss.numpy()] + [np.zeros(p.shape) if g is None else g.numpy() for g, p in zip(found, parameters)]


@pytest.mark.parametrize("name", SUPERNETS)
def test_one_operation_an_edge_computes_what_all_with_weights_of_zero_do(name, monkeypatch):
    paddle.set_default_dtype("float64")
    try:
        paddle.seed(0)
        make, mixture = SUPERNETS[name]
        supernet, batch = make(), (paddle.randn([3, 1, 8, 6], "float64"), paddle.to_tensor([0, 3, 1]))
    finally:
        paddle.set_default_dtype("float32")
    for seed in range(3):
        sampled = results(supernet, mixture, batch, seed)
        with monkeypatch.context() as everything:
            for place in ("darts", "nas_bench_201"):
                path = f"paddleslim.nas.darts.search_space.{place}.live_operations"
                everything.setattr(path, lambda *arguments: None)
            expected = results(supernet, mixture, batch, seed)
        for one, other in zip(sampled, expected):
            np.testing.assert_allclose(one, other, rtol=1e-7, atol=1e-12)


def test_norms_of_operations_that_were_not_drawn_keep_their_statistics():
    supernet = DARTSSupernet(4, **SMALL, primitives=("skip_connect", "sep_conv_3x3"))
    image = paddle.randn([3, 1, 8, 8])
    first = paddle.to_tensor([[1.0, 0.0]] * 5)  # the identity everywhere
    supernet.mixture = lambda alphas, index: first
    statistics = {n: t.numpy().copy() for n, t in supernet.state_dict().items() if "sep_conv" in n and "_mean" in n}
    supernet(image)
    assert statistics
    for name, before in statistics.items():
        np.testing.assert_array_equal(supernet.state_dict()[name].numpy(), before)


def test_nothing_is_left_out_where_a_weight_of_zero_may_have_a_gradient():
    weights = paddle.to_tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], stop_gradient=False)
    assert live_operations(weights, 3) is None
    assert live_operations(weights, 3, zeros_have_no_gradient=True) == ((0,), (2,))
    assert live_operations(weights, 2, zeros_have_no_gradient=True) == ((0,), (2,))
    assert live_operations(weights.detach(), 3) == ((0,), (2,))
    with paddle.no_grad():
        assert live_operations(weights, 3) == ((0,), (2,))
    assert live_operations(paddle.to_tensor([[0.5, 0.5, 0.0]]), 3) is None
    assert live_operations(paddle.to_tensor([[0.0, 0.0, 0.0]]), 3) == ((),)


def test_a_search_of_many_samples_keeps_few_graphs():
    supernet, image = NASBench201Supernet(4, 5, 1, 1), paddle.randn([2, 1, 4, 4])
    rng = np.random.default_rng(0)
    for _ in range(40):
        one_hot = paddle.to_tensor(np.eye(5, dtype="float32")[rng.integers(0, 5, 6)])
        supernet.mixture = lambda alphas, index, p=one_hot: p
        supernet(image)
    from paddleslim.nas.darts.search_space.layer_graph import GRAPHS, MOST_GRAPHS

    assert max(len(known) for known in GRAPHS.values()) <= MOST_GRAPHS
