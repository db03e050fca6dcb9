import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.strategy.problem import Problem
from paddleslim.nas.darts.strategy.progress import Progress
from paddleslim.nas.darts.strategy.random_smoothing import RandomSmoothing

from .mixed_supernet import MixedSupernet, batch_of

HALF = Progress(5, 0, 10, 10)  # epsilon is 0.165


def make_generator(index):
    return np.random.default_rng([7, index])


def test_weights_are_trained_at_uniformly_moved_weights_of_operations():
    supernet = MixedSupernet()
    plain = [supernet.mixture(alphas).numpy() for alphas in supernet.alphas]
    with RandomSmoothing().start(Problem(supernet)).around(None, None, HALF, make_generator):
        found = [supernet.mixture(alphas, k).numpy() for k, alphas in enumerate(supernet.alphas)]
        again = [supernet.mixture(alphas, k).numpy() for k, alphas in enumerate(supernet.alphas)]
    for k, (p, moved, repeated) in enumerate(zip(plain, found, again)):
        noise = make_generator(2 + k).uniform(-0.165, 0.165, p.shape)
        expected = np.clip(p + noise, 0, 1)
        np.testing.assert_allclose(moved, expected / expected.sum(axis=1, keepdims=True), rtol=1e-5)
        np.testing.assert_array_equal(moved, repeated)
    for p, alphas in zip(plain, supernet.alphas):
        np.testing.assert_array_equal(supernet.mixture(alphas).numpy(), p)


def test_the_gradient_of_a_weight_step_is_that_at_the_moved_weights():
    supernet, batch = MixedSupernet(), batch_of(0)
    before = [alphas.numpy().copy() for alphas in supernet.alphas]
    plain = paddle.grad(supernet._loss(*batch), [supernet.stem.weight])[0].numpy()
    with RandomSmoothing().start(Problem(supernet)).around(batch, batch, HALF, make_generator):
        moved = paddle.grad(supernet._loss(*batch), [supernet.stem.weight])[0].numpy()
    assert np.abs(moved - plain).max() > 1e-4
    for alphas, old in zip(supernet.alphas, before):
        assert alphas.numpy().tobytes() == old.tobytes()


def test_epsilon_is_in_the_curves_and_within_one():
    assert RandomSmoothing().curves(HALF) == {"epsilon": pytest.approx(0.165)}
    with pytest.raises(ValueError, match=r"epsilon\[1\] must be a number from 0 to 1, got 3"):
        RandomSmoothing(epsilon=(0.03, 3))
