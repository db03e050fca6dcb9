import numpy as np
import paddle
import pytest
from scipy import special

from paddleslim.nas.darts.strategy.dirichlet import Dirichlet, log_gamma_sample
from paddleslim.nas.darts.strategy.progress import Progress

from .differences import gradient_error, table

FIRST = Progress(0, 0, 5, 10)


def test_a_sample_of_gamma_is_the_quantile_of_its_noise():
    c, u = np.array([0.3, 1.0, 2.5, 40.0]), np.array([0.7, 0.2, 0.999, 0.01])
    np.testing.assert_allclose(np.exp(log_gamma_sample(c, u)[0]), special.gammaincinv(c, u), rtol=1e-12)


def test_the_slope_of_a_sample_is_the_derivative_of_its_quantile():
    rng = np.random.default_rng(0)
    c, u = rng.uniform(0.05, 8.0, 300), rng.uniform(0.001, 0.999999, 300)
    h = 1e-5 * c
    expected = (np.log(special.gammaincinv(c + h, u)) - np.log(special.gammaincinv(c - h, u))) / (2 * h)
    found = log_gamma_sample(c, u)[1]
    known = np.isfinite(expected)
    assert known.sum() > 250
    np.testing.assert_allclose(found[known], expected[known], rtol=2e-5, atol=1e-7)


@pytest.mark.parametrize("uniform", [0.0, 1e-17, 0.5, 1 - 2.0**-53])
def test_samples_and_slopes_are_finite_for_any_concentration_and_noise(uniform):
    c = np.array([0.0, 1e-20, 1e-6, 0.01, 1.0, 50.0])
    assert np.isfinite(log_gamma_sample(c, np.full(6, uniform))).all()


def test_values_and_slopes_go_over_into_the_limit_of_small_samples():
    # log g is -23.03 at the border
    u = np.exp(-23.0259 * 0.5 - special.gammaln(1.5))
    below, above = (log_gamma_sample(np.array([0.5]), np.array([u * f])) for f in (1 - 1e-6, 1 + 1e-6))
    np.testing.assert_allclose(below[0], above[0], rtol=1e-6)
    np.testing.assert_allclose(below[1], above[1], rtol=1e-6)


def test_the_weights_are_a_sample_of_the_distribution():
    alphas = paddle.to_tensor(np.tile([[0.5, -0.7, 2.0]], [20000, 1]))
    p = Dirichlet().weights(alphas, FIRST, np.random.default_rng(0)).numpy()
    c = np.array([1.5, np.exp(-0.7), 3.0])
    mean = c / c.sum()
    np.testing.assert_allclose(p.sum(axis=1), 1.0)
    np.testing.assert_allclose(p.mean(axis=0), mean, atol=0.006)
    np.testing.assert_allclose(p.var(axis=0), mean * (1 - mean) / (c.sum() + 1), rtol=0.05)
    np.testing.assert_allclose(Dirichlet().strength(alphas.numpy())[0], mean)


def test_the_gradient_is_the_derivative_of_the_mean():
    """The mean of p_o is c_o / sum(c), and the mean of the gradients its derivative."""
    rows = 20000
    alphas = paddle.to_tensor(np.tile([[0.5, -0.7, 2.0]], [rows, 1]), stop_gradient=False)
    p = Dirichlet().weights(alphas, FIRST, np.random.default_rng(1))
    (gradient,) = paddle.grad(p[:, 0].sum(), [alphas])
    c, slope = np.array([1.5, np.exp(-0.7), 3.0]), np.array([1.0, np.exp(-0.7), 1.0])
    expected = ((np.arange(3) == 0) / c.sum() - c[0] / c.sum() ** 2) * slope
    np.testing.assert_allclose(gradient.numpy().mean(axis=0), expected, atol=0.003)


def test_the_gradient_is_the_derivative_with_the_noise_held_fixed():
    alphas, factors = table(scale=2.0), table(1)
    assert (
        gradient_error(lambda: (Dirichlet().weights(alphas, FIRST, np.random.default_rng(3)) * factors).sum(), alphas)
        < 1e-5
    )


def test_very_low_alphas_are_survived():
    alphas = paddle.to_tensor(np.array([[-40.0, 1.0, 0.0], [-90.0, -80.0, -100.0]], "float32"), stop_gradient=False)
    p = Dirichlet().weights(alphas, FIRST, np.random.default_rng(0))
    (gradient,) = paddle.grad(p[:, 1].sum(), [alphas])
    assert np.isfinite(p.numpy()).all()
    assert np.isfinite(gradient.numpy()).all()
