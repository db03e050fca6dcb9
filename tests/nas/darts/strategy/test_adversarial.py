import numpy as np
import paddle
import pytest
from paddle import nn
from paddle.nn import functional as F

from paddleslim.kernels import foreach
from paddleslim.nas.darts.strategy.adversarial import Adversarial, find_worst
from paddleslim.nas.darts.strategy.perturbing import mixing
from paddleslim.nas.darts.strategy.problem import Problem
from paddleslim.nas.darts.strategy.progress import Progress
from tests.supernets import snapshot

from .differences import in_float64
from .mixed_supernet import MixedSupernet, batch_of

HALF = Progress(5, 0, 10, 10)


def make_generator(index):
    return np.random.default_rng([7, index])


def ascend_by_numpy(supernet, batch, epsilon, steps):
    """Return p and the adversary's p, by the equation and Paddle's gradients of a network written out in p."""
    p = [F.softmax(alphas).numpy() for alphas in supernet.alphas]

    def project(q):
        q = np.clip(q, 0, 1)
        return q / q.sum(axis=1, keepdims=True)

    q = [project(t + make_generator(2 + k).uniform(-epsilon, epsilon, t.shape)) for k, t in enumerate(p)]
    for _ in range(steps):
        leaves = [paddle.to_tensor(t, stop_gradient=False) for t in q]
        with mixing(supernet, lambda alphas, k, leaves=leaves: leaves[k]):
            gradients = paddle.grad(supernet._loss(*batch), leaves)
        for k, gradient in enumerate(gradients):
            moved = q[k] + 2 * epsilon / steps * np.sign(gradient.numpy())
            q[k] = project(p[k] + np.clip(moved - p[k], -epsilon, epsilon))
    return p, q


def test_the_adversary_climbs_by_signs_and_stays_near():
    with in_float64():
        paddle.seed(0)
        supernet, batch = MixedSupernet(), batch_of(0, "float64")
        supernet.eval()
        p, expected = ascend_by_numpy(supernet, batch, 0.1, 7)
        worst = find_worst(Problem(supernet), batch, 0.1, 7, make_generator)
        plain = float(supernet._loss(*batch))
        supernet.mixture = lambda alphas, k: worst[k]
        assert float(supernet._loss(*batch)) > plain
    for k in range(2):
        np.testing.assert_allclose(worst[k].numpy(), expected[k], rtol=1e-9)
        assert np.abs(expected[k] - p[k]).max() > 0.01


@pytest.mark.parametrize(("last", "undone"), [(0.5, True), (1.0, True), (1.5, False)])
def test_an_ascent_that_does_not_raise_the_loss_is_undone(last, undone):
    supernet, losses = MixedSupernet(), [1.0, 9.0, 9.0, 9.0, last]

    def train_loss(supernet, x, label):
        return losses.pop(0) + 0 * supernet._loss(x, label)

    worst = find_worst(Problem(supernet, train_loss), batch_of(0), 0.1, 3, make_generator)
    assert losses == []
    for k, alphas in enumerate(supernet.alphas):
        assert np.array_equal(worst[k].numpy(), F.softmax(alphas).numpy()) is undone


def test_the_search_of_an_adversary_leaves_no_trace():
    supernet, batch = MixedSupernet(dropout=0.5), batch_of(0)
    before, state, mixture = snapshot(supernet), str(paddle.get_rng_state()[0]), supernet.mixture
    with Adversarial().start(Problem(supernet)).around(batch, batch, HALF, make_generator):
        assert supernet.training
        assert supernet.mixture is not mixture
    after = snapshot(supernet)
    assert all(before[name].tobytes() == after[name].tobytes() for name in before)
    assert str(paddle.get_rng_state()[0]).split()[1] == state.split()[1]
    assert supernet.mixture is mixture
    assert all(p.grad is None for p in supernet.parameters())
    assert not any(p.stop_gradient for p in supernet.stem.parameters() + supernet.alphas)


def test_steps_are_counted_from_one():
    with pytest.raises(ValueError, match="steps must be an integer of at least 1, got 0"):
        Adversarial(steps=0)


class NormedSupernet(MixedSupernet):
    """One whose mixtures are followed by batch norm, as those of cells are."""

    def __init__(self):
        super().__init__()
        self.last = nn.BatchNorm1D(3)

    def forward(self, x):
        return self.last(super().forward(x))


def test_the_adversary_climbs_through_batch_norm_without_kernels_too(monkeypatch):
    found = []
    for installed in (True, False):
        monkeypatch.setattr(foreach, "installed", lambda installed=installed: installed)
        paddle.seed(0)
        worst = find_worst(Problem(NormedSupernet()), batch_of(0), 0.1, 3, make_generator)
        found.append([table.numpy() for table in worst.values()])
    np.testing.assert_allclose(*found, rtol=1e-5)
