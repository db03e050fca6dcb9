import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.strategy.gumbel_softmax import GumbelSoftmax
from paddleslim.nas.darts.strategy.progress import Progress

from .differences import gradient_error, table

MIDDLE = Progress(2, 0, 5, 10)  # tau is 5.05


def soft_by_numpy(alphas, tau, seed):
    uniform_noise = np.random.default_rng(seed).gumbel(size=alphas.shape)
    logits = alphas - np.log(np.exp(alphas).sum(axis=1, keepdims=True))
    powers = np.exp((logits + uniform_noise) / tau)
    return powers / powers.sum(axis=1, keepdims=True)


def test_the_soft_weights_are_the_equation():
    alphas = table()
    found = GumbelSoftmax().weights(alphas, MIDDLE, np.random.default_rng(3))
    np.testing.assert_allclose(found.numpy(), soft_by_numpy(alphas.numpy(), 5.05, 3), rtol=1e-12)


def test_the_soft_gradient_is_the_derivative_with_the_noise_held_fixed():
    alphas, factors = table(), table(1)
    mixture = GumbelSoftmax(tau=(0.5, 0.5))
    assert (
        gradient_error(lambda: (mixture.weights(alphas, MIDDLE, np.random.default_rng(3)) * factors).sum(), alphas)
        < 1e-8
    )


def test_the_hard_weights_are_exactly_one_hot():
    paddle.seed(0)
    alphas = paddle.randn([200, 7])
    found = GumbelSoftmax(hard=True).weights(alphas, MIDDLE, np.random.default_rng(3)).numpy()
    assert set(np.unique(found)) == {0.0, 1.0}
    np.testing.assert_array_equal(found.sum(axis=1), 1.0)


def test_the_hard_gradient_is_that_of_the_p_of_the_operation_drawn():
    alphas, factors = table(), table(1)
    mixture = GumbelSoftmax(tau=(0.5, 0.5), hard=True)
    found = mixture.weights(alphas, MIDDLE, np.random.default_rng(3))
    drawn = paddle.to_tensor(found.numpy())
    (gradient,) = paddle.grad((found * factors).sum(), [alphas])
    soft = GumbelSoftmax(tau=(0.5, 0.5)).weights(alphas, MIDDLE, np.random.default_rng(3))
    (expected,) = paddle.grad((soft * drawn * factors).sum(), [alphas])
    np.testing.assert_allclose(gradient.numpy(), expected.numpy(), rtol=1e-12)


def test_operations_are_drawn_as_often_as_softmax_says():
    alphas = paddle.to_tensor(np.tile([[0.0, 1.0, -1.0]], [20000, 1]))
    drawn = GumbelSoftmax(hard=True).weights(alphas, MIDDLE, np.random.default_rng(0)).numpy().mean(axis=0)
    expected = np.exp([0.0, 1.0, -1.0])
    np.testing.assert_allclose(drawn, expected / expected.sum(), atol=0.012)


def test_the_temperature_is_in_the_curves_and_must_be_positive():
    assert GumbelSoftmax().curves(MIDDLE) == {"temperature": 5.05}
    with pytest.raises(ValueError, match=r"tau\[1\] must be a number at least 1e-06, got 0"):
        GumbelSoftmax(tau=(10.0, 0.0))
