import numpy as np
import paddle
import pytest
from paddle.distributed.fleet.utils import recompute as paddles_recompute

from paddleslim.kernels import choice
from paddleslim.nas.darts.search_space import SPACES, recompute_cells, recomputed
from paddleslim.nas.darts.strategy.curvature import hessian_product
from paddleslim.nas.darts.strategy.hypergradient import first_order, has_gradient, second_order
from tests.supernets import NormSupernet


@pytest.fixture(params=["kernels", "operators"])
def path(request, monkeypatch):
    """Whether the cells are computed by kernels or, as on a GPU or without numba, by Paddle's operators."""
    if request.param == "operators":
        monkeypatch.setattr(choice, "installed", lambda: False)
    return request.param


def weight_step(supernet, batch):
    supernet._loss(*batch).backward()
    found = [parameter.grad for parameter in supernet.parameters() if not parameter.stop_gradient]
    found = [gradient if gradient is None else gradient.clone() for gradient in found]
    for parameter in supernet.parameters():
        parameter.clear_gradient(False)
    return found


def curve(supernet, batch):
    """Return the product that the method of Lanczos takes again and again."""
    size = sum(alpha.size for alpha in supernet.arch_parameters())
    return hessian_product(supernet, batch, np.full(size, size**-0.5))


PASSES = {
    "weight step": weight_step,
    "first order": first_order,
    "second order": lambda s, b: second_order(s, b, b, xi=0.1),
    "forward difference": lambda s, b: second_order(s, b, b, xi=0.1, difference="forward"),
    "eigenvalue": lambda s, b: [paddle.to_tensor(curve(s, b))],
}


def run_all(supernet, batch):
    """Return what each pass yields from one state, and the statistics after it."""
    start = {name: tensor.clone() for name, tensor in supernet.state_dict().items()}
    found = {}
    for name, run in PASSES.items():
        supernet.set_state_dict(start)
        paddle.seed(1)
        found[name] = [None if g is None else g.numpy() for g in run(supernet, batch)]
        assert not any(has_gradient(p) for p in supernet.parameters()), name
        found[name + ": state"] = [tensor.numpy() for tensor in supernet.state_dict().values()]
        found[name + ": next random number"] = [paddle.rand([1]).numpy()]
    supernet.set_state_dict(start)
    return found


@pytest.mark.parametrize("name", SPACES)
def test_recomputation_gives_every_pass_the_same_bits(name, path):
    paddle.seed(0)
    supernet = SPACES[name].build_supernet(channels=4, num_classes=5, layers=2, in_channels=1)
    batch = paddle.randn([2, 1, 8, 8]), paddle.to_tensor([[0], [3]])
    kept = run_all(supernet, batch)
    recompute_cells(supernet)
    again = run_all(supernet, batch)
    for which, expected in kept.items():
        assert any(value is not None for value in expected)
        for one, other in zip(again[which], expected):
            np.testing.assert_array_equal(one, other, err_msg=which)


class OwnRecompute(NormSupernet):
    """A supernet of the user's whose convolutions are computed again by `again(function, *inputs)`."""

    again = None

    def forward(self, image):
        def mixed(image, *weights):
            out = sum(a * paddle.tanh(conv(image)) for a, conv in zip(weights, self.convs))
            return self.dropout(out)

        inputs = image, *paddle.nn.functional.softmax(self.alphas).unbind()
        out = self.norm(self.again(mixed, *inputs) if self.again else mixed(*inputs))
        return self.classifier(out.mean(axis=[2, 3]))


def test_a_supernet_of_ones_own_can_recompute_its_parts_with_dropout_in_them():
    paddle.seed(0)
    supernet = OwnRecompute(dropout=0.5)
    batch = paddle.randn([4, 1, 6, 6]), paddle.to_tensor([[0], [3], [1], [2]])
    kept = run_all(supernet, batch)
    supernet.again = lambda function, *inputs: recomputed(supernet, function, *inputs)
    for which, found in run_all(supernet, batch).items():
        for one, other in zip(found, kept[which]):
            np.testing.assert_array_equal(one, other, err_msg=which)


def test_a_second_order_step_through_paddles_own_recompute_is_refused():
    paddle.seed(0)
    supernet = OwnRecompute()
    supernet.again = paddles_recompute
    batch = paddle.randn([4, 1, 6, 6]), paddle.to_tensor([[0], [3], [1], [2]])
    with pytest.raises(RuntimeError, match=r"again by Paddle's recompute, .*search_space\.recomputed instead"):
        second_order(supernet, batch, batch, xi=0.1)
    assert not any(has_gradient(p) for p in supernet.parameters())


def test_a_supernet_without_such_cells_is_refused():
    with pytest.raises(ValueError, match="NormSupernet has no cells that can be computed again"):
        recompute_cells(NormSupernet())
