"""The penalties against their equations, in float64; their gradients against differences."""

import numpy as np
import paddle
import pytest
from scipy import special, stats

from paddleslim.nas.darts.strategy.beta_decay import BetaDecay
from paddleslim.nas.darts.strategy.dirichlet_kl import DirichletKL
from paddleslim.nas.darts.strategy.expected_cost import ExpectedCost
from paddleslim.nas.darts.strategy.progress import Progress
from paddleslim.nas.darts.strategy.zero_one import ZeroOne

from .differences import gradient_error, table

HALF = Progress(5, 0, 10, 10)
COSTS = tuple(tuple(map(tuple, np.random.default_rng(k).uniform(0, 9, [3, 4]))) for k in range(2))


def mixed(alphas):
    return [paddle.nn.functional.softmax(alpha) for alpha in alphas]


@pytest.mark.parametrize(
    "penalty",
    [BetaDecay(), ZeroOne(), DirichletKL(), ExpectedCost(COSTS, 10.0, fixed=3.0)],
    ids=lambda penalty: type(penalty).__name__,
)
def test_the_gradient_is_the_derivative(penalty):
    alphas = [table(0), table(1, scale=2.0)]
    for alpha in alphas:
        assert gradient_error(lambda: penalty(alphas, mixed(alphas), HALF), alpha) < 1e-7


def test_beta_decay_is_the_mean_of_logsumexp_and_grows_with_the_epochs():
    alphas = [table(0), table(1)]
    mean = np.mean([special.logsumexp(a.numpy(), axis=1) for a in alphas])
    assert float(BetaDecay()(alphas, None, HALF)) == pytest.approx(25 * mean)
    assert float(BetaDecay()(alphas, None, Progress(0, 0, 10, 10))) == 0.0


def test_beta_decay_lowers_what_weighs_much():
    alphas = [table(0)]
    (gradient,) = paddle.grad(BetaDecay(rate=(3.0, 3.0))(alphas, None, HALF), alphas)
    np.testing.assert_allclose(gradient.numpy(), special.softmax(alphas[0].numpy(), axis=1) * 3 / 3)


def test_edge_weights_beside_the_tables_do_not_count():
    alphas, betas = [table(0), table(1)], paddle.ones([3], "float64")
    for penalty in (BetaDecay(), ZeroOne(), DirichletKL()):
        assert float(penalty([*alphas, betas], None, HALF)) == float(penalty(alphas, None, HALF))


def test_zero_one_is_the_equation():
    alphas = [table(0), table(1)]
    values = special.expit(np.concatenate([a.numpy() for a in alphas]))
    assert float(ZeroOne()(alphas, None, HALF)) == pytest.approx(-10 * np.mean((values - 0.5) ** 2))


def test_dirichlet_kl_is_the_expected_log_ratio_of_the_densities():
    alphas = table(0, edges=1, operations=3)
    c = np.where(alphas.numpy()[0] > 0, alphas.numpy()[0] + 1, np.exp(alphas.numpy()[0]))
    samples = np.random.default_rng(0).dirichlet(c, 40000).T
    ratio = stats.dirichlet.logpdf(samples, c) - stats.dirichlet.logpdf(samples, np.ones(3))
    assert float(DirichletKL(weight=1.0)([alphas], None, HALF)) == pytest.approx(ratio.mean(), abs=0.02)
    flat = paddle.zeros([2, 5], "float64")
    assert float(DirichletKL()([flat], None, HALF)) == pytest.approx(0.0, abs=1e-12)


def test_expected_cost_is_free_up_to_the_target_and_linear_beyond():
    weights = mixed([table(0), table(1)])
    cost = sum((w.numpy() * np.array(t)).sum() for w, t in zip(weights, COSTS)) + 3.0
    assert float(ExpectedCost(COSTS, 10.0, fixed=3.0).expected(weights)) == pytest.approx(cost)
    assert float(ExpectedCost(COSTS, cost * 2, fixed=3.0)(None, weights, HALF)) == 0.0
    assert float(ExpectedCost(COSTS, cost / 2, weight=0.5, fixed=3.0)(None, weights, HALF)) == pytest.approx(0.5)


def test_an_auxiliary_column_costs_nothing_and_other_tables_are_refused():
    weights = mixed([table(0), table(1)])
    wider = [paddle.concat([w, paddle.ones([3, 1], w.dtype)], axis=1) for w in weights]
    penalty = ExpectedCost(COSTS, 10.0)
    assert float(penalty.expected(wider)) == float(penalty.expected(weights))
    with pytest.raises(
        ValueError, match=r"the costs are of tables of \[\[3, 4\], \[3, 4\]\], the weights of the super"
    ):
        penalty.expected(weights[:1])


@pytest.mark.parametrize("costs", [(), ((),), (((1.0, 2.0), (1.0,)),), (((1.0, -2.0),),)])
def test_what_is_no_table_of_costs_is_refused(costs):
    with pytest.raises(ValueError, match="costs"):
        ExpectedCost(costs, 1.0)
