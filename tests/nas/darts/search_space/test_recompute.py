import dataclasses

import numpy as np
import paddle
import pytest
from paddle import nn
from paddle.distributed.fleet.utils import recompute as paddles_recompute

from paddleslim.kernels import choice, foreach
from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.search_space import SPACES, recompute_cells, recomputed
from paddleslim.nas.darts.strategy.curvature import hessian_product
from paddleslim.nas.darts.strategy.hypergradient import first_order, has_gradient, second_order
from paddleslim.nas.darts.strategy.methods import METHODS
from paddleslim.nas.darts.strategy.selection import Strongest
from tests.nas.darts.strategy.mixed_supernet import MixedSupernet, batch_of
from tests.searches import summarize
from tests.supernets import NormSupernet


@pytest.fixture(params=["kernels", "operators"])
def path(request, monkeypatch):
    """Whether the cells are computed by kernels or, as on a GPU or without numba, by Paddle's operators."""
    if request.param == "operators":
        for module in (choice, foreach):
            monkeypatch.setattr(module, "installed", lambda: False)
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


class RecurrentSupernet(NormSupernet):
    """Two mixed LSTMs, which hold their parameters in lists besides; those may be computed again."""

    again = False

    def __init__(self):
        super().__init__()
        self.cells = nn.LayerList([nn.LSTM(6, 4, num_layers=2, dropout=0.3) for _ in range(2)])
        self.classifier = nn.Linear(4, 10)

    def forward(self, image):
        def output(cell):
            def compute(x):
                return cell(x)[0]

            return recomputed(cell, compute, image[:, 0]) if self.again else compute(image[:, 0])

        weights = paddle.nn.functional.softmax(self.alphas).unbind()
        return self.classifier(sum(a * output(cell) for a, cell in zip(weights, self.cells)).mean(axis=1))


def test_recurrent_layers_of_paddle_can_be_recomputed():
    paddle.seed(0)
    supernet = RecurrentSupernet()
    batch = paddle.randn([4, 1, 6, 6]), paddle.to_tensor([[0], [3], [1], [2]])
    kept = run_all(supernet, batch)
    supernet.again = True
    for which, found in run_all(supernet, batch).items():
        for one, other in zip(found, kept[which]):
            np.testing.assert_array_equal(one, other, err_msg=which)


def test_recomputed_gradients_add_up_in_grad(path):
    paddle.seed(0)
    supernet = SPACES["nas-bench-201"].build_supernet(channels=4, num_classes=5, layers=1, in_channels=1)
    batch, found = (paddle.randn([2, 1, 8, 8]), paddle.to_tensor([[0], [3]])), []
    for again in (False, True):
        if again:
            recompute_cells(supernet)
        for _ in range(2):
            supernet._loss(*batch).backward()
        found.append(
            [parameter.grad.numpy().tobytes() for parameter in supernet.parameters() if has_gradient(parameter)]
        )
        for parameter in supernet.parameters():
            parameter.clear_gradient(False)
    assert found[0] == found[1] != []


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


class Stateful(nn.Layer):
    """A layer that reads the buffers that it moves, one in place and one by another tensor."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(5, 5)
        self.register_buffer("mean", paddle.zeros([5]))
        self.register_buffer("count", paddle.ones([1]))

    def forward(self, x):
        if self.training:
            self.mean.set_value(0.9 * self.mean + 0.1 * x.detach().mean(axis=0))
            self.count = self.count + 1
        return self.linear(x - self.mean) / self.count


class MixedCell(nn.Layer):
    """Two edges of three operations; inside is what may differ: dropout, batch norm, other statistics."""

    def __init__(self, recompute):
        super().__init__()
        self.recompute = recompute
        self.linears = nn.LayerList([nn.Linear(5, 5), Stateful()])
        self.norm, self.dropout = nn.BatchNorm1D(5), nn.Dropout(0.3)

    def forward(self, x, weights):
        return recomputed(self, self.mix, x, weights) if self.recompute else self.mix(x, weights)

    def mix(self, x, weights):
        for edge, linear in enumerate(self.linears):
            mixed = weights[edge, 1] * x + weights[edge, 2] * paddle.tanh(linear(x))
            x = mixed + weights[edge, 3] * x if weights.shape[1] > 3 else mixed
        return self.dropout(self.norm(x))


class CellsSupernet(MixedSupernet):
    def __init__(self, recompute=False):
        super().__init__()
        self.auxiliary_skip = True
        self.cells = nn.LayerList([MixedCell(recompute), MixedCell(recompute)])

    def forward(self, x):
        x = self.stem(x)
        for index, (cell, alphas) in enumerate(zip(self.cells, self.alphas)):
            x = cell(x, self.mixture(alphas, index))
        return self.classifier(x)

    def operation_weights(self):
        return {f"cell {k}": list(cell.linears.parameters()) for k, cell in enumerate(self.cells)}


def search_by(method, recompute, folder):
    """Return all that a short search ends with, the random numbers that would come next among it."""
    paddle.seed(3), np.random.seed(3)
    replaced = {"stages": None, **({"selection": Strongest()} if method == "fair-darts" else {})}
    strategy = dataclasses.replace(METHODS[method], **replaced)
    readers = [[batch_of(10 * k + step) for step in range(2)] for k in (1, 2)]
    settings = {"num_epochs": 2, "valid_freq": 1, "eigenvalue_freq": 2, "arch_learning_rate": 0.1}
    settings.update(num_imgs=24, batchsize=6, learning_rate=0.1, save_dir=str(folder), strategy=strategy)
    search = DARTSearch(CellsSupernet(recompute), *readers, "cpu", **settings)
    search.train()
    assert not any(has_gradient(p) for p in search.model.parameters())
    alphas = [alpha.numpy().tobytes() for alpha in search.model.arch_parameters()]
    return *summarize(search), alphas, [(r.eigenvalue, r.method) for r in search.history], np.random.rand()


@pytest.mark.parametrize("method", METHODS)
def test_a_search_by_any_method_ends_with_the_same_bits_where_cells_are_computed_again(method, tmp_path):
    assert search_by(method, True, tmp_path / "again") == search_by(method, False, tmp_path / "kept")


def test_a_layer_is_computed_again_in_the_mode_it_was_in():
    paddle.seed(0)
    cell, x = MixedCell(recompute=True), paddle.randn([6, 5])
    weights = paddle.rand([2, 3])
    found = []
    for again in (True, False):
        cell.recompute = again
        x.stop_gradient = False
        cell.eval()
        out = cell(x, weights)
        cell.train()
        (gradient,) = paddle.grad(out.sum(), [x])
        found.append(gradient.numpy())
        assert cell.training
        assert cell.norm.training
    np.testing.assert_array_equal(*found)
