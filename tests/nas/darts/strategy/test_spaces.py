"""Every method in every space: a step with finite gradients or a refusal with its reason; derivatives in PC-DARTS."""

import dataclasses

import numpy as np
import paddle
import pytest
from paddle import nn

from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.search.architect import Architect, penalty_gradients
from paddleslim.nas.darts.search_space import SPACES, CellSpace, PCDARTSSupernet, make_s1
from paddleslim.nas.darts.search_space.contract import split_parameters
from paddleslim.nas.darts.state.snapshots import kept, undisturbed
from paddleslim.nas.darts.strategy.beta_decay import BetaDecay
from paddleslim.nas.darts.strategy.decaying_skip import WithDecayingSkip
from paddleslim.nas.darts.strategy.expected_cost import ExpectedCost
from paddleslim.nas.darts.strategy.gumbel_softmax import GumbelSoftmax
from paddleslim.nas.darts.strategy.hypergradient import SecondOrder
from paddleslim.nas.darts.strategy.methods import METHODS
from paddleslim.nas.darts.strategy.mixture import mixed_by
from paddleslim.nas.darts.strategy.progress import Progress
from paddleslim.nas.darts.strategy.stages import Stage, Stages
from paddleslim.nas.darts.strategy.strategy import Strategy, complete
from tests.supernets import random_batches

from .differences import in_float64

PLACE = Progress(5, 0, 10, 2)
PAIRS = [("skip_connect", "sep_conv_3x3"), ("max_pool_3x3", "dil_conv_3x3")]
ALL_SPACES = {
    **{name: SPACES[name] for name in ("darts", "pc-darts", "nas-bench-201", "s2", "s3", "s4")},
    "s1": make_s1(PAIRS, PAIRS[::-1]),
    "own": CellSpace(
        "own",
        {"skip_connect": None, "linear": lambda channels, stride, affine: nn.Conv2D(channels, channels, 1, stride)},
    ),
}


def refusal(space, name):
    """Return the reason why a space does not let a method search it; None where it does."""
    if name == "drnas-two-stage" and space != "pc-darts":
        return "search in a space of cells" if space == "nas-bench-201" else "use the supernet of PC-DARTS"
    if name == "fair-darts" and space == "nas-bench-201":
        return r"select by Strongest\(\)"
    return None


@pytest.mark.parametrize("space", ALL_SPACES)
def test_every_method_takes_a_step_with_finite_gradients_or_is_refused_with_the_reason(space, tmp_path):
    train, valid = (random_batches(1, samples=2, seed=k, size=4) for k in range(2))
    for name, strategy in METHODS.items():
        paddle.seed(3)
        supernet = ALL_SPACES[space].build_supernet(12, 10, 1, 1, steps=1, auxiliary_skip=True)
        arguments = (supernet, train, valid, "cpu", 0.1, 2, 4, 0.1)
        folder, reason = str(tmp_path / name), refusal(space, name)
        if reason:
            with pytest.raises((AttributeError, TypeError, ValueError), match=reason):
                DARTSearch(*arguments, save_dir=folder, strategy=strategy)
            continue
        search = DARTSearch(*arguments, save_dir=folder, strategy=strategy, num_epochs=10)
        search.architect  # noqa: B018 - begins the search
        batches = [tuple(map(paddle.to_tensor, batch)) for batch in (train[0], valid[0])]
        before = [alphas.numpy().copy() for alphas in supernet.arch_parameters()]
        loss, _, _ = search.task.train_step(2, 0, *batches)
        assert np.isfinite(float(loss)), name
        moved = [not np.array_equal(a.numpy(), b) for a, b in zip(supernet.arch_parameters(), before)]
        assert any(moved), name
        for parameter in supernet.parameters():
            assert np.isfinite(parameter.numpy()).all(), name


def make_generator(index):
    return np.random.default_rng([11, index])


COSTS = (tuple(tuple(float(3 * e + o) for o in range(4)) for e in range(2)),) * 2
BUDGET = ExpectedCost(COSTS, target=0.5)
CASES = {
    **{name: METHODS[name] for name in METHODS if name not in ("gdas", "darts-2nd", "drnas-two-stage", "darts-pt")},
    "drnas-two-stage": dataclasses.replace(METHODS["drnas-two-stage"], stages=Stages((Stage(operations=2),))),
    "beta-DARTS, DARTS-": Strategy(mixture=WithDecayingSkip(), penalties=[BetaDecay()]),
    "Gumbel, DARTS-, budget": Strategy(mixture=WithDecayingSkip(GumbelSoftmax()), penalties=[BUDGET]),
    "DrNAS, budget": dataclasses.replace(METHODS["drnas"], penalties=[BUDGET]),
    "FairDARTS, budget": dataclasses.replace(METHODS["fair-darts"], penalties=[BUDGET]),
    "SDARTS-RS, beta-DARTS, budget": dataclasses.replace(METHODS["sdarts-rs"], penalties=[BetaDecay(), BUDGET]),
}


def partial_supernet(strategy):
    """Return a supernet of PC-DARTS in float64, pruned where a method says so; its alphas apart from one another."""
    paddle.seed(5)
    names = ("none", "avg_pool_3x3", "skip_connect", "sep_conv_3x3")
    supernet = PCDARTSSupernet(4, 3, 3, 1, 1, 1, primitives=names, auxiliary_skip=True)
    rng = np.random.default_rng(2)
    for alphas in supernet.arch_parameters():
        alphas.set_value(rng.standard_normal(alphas.shape) * 0.5)
    if strategy.stages is not None:
        supernet.reshape(4, (((1, 3), (2, 3)),) * 2, rng)
        for cell in supernet.cells:
            cell.to(dtype="float64")
    return supernet


def batches_in_float64():
    pairs = [random_batches(1, samples=3, seed=k, dtype="float64", size=6)[0] for k in range(2)]
    return [(paddle.to_tensor(image), paddle.to_tensor(label % 3)) for image, label in pairs]


def along(supernet, direction, distance, function):
    """Return `function()` with the alphas moved so far along a direction."""
    before = [alphas.numpy().copy() for alphas in supernet.arch_parameters()]
    try:
        for alphas, start, d in zip(supernet.arch_parameters(), before, direction):
            alphas.set_value(start + distance * d)
        return function()
    finally:
        for alphas, start in zip(supernet.arch_parameters(), before):
            alphas.set_value(start)


@pytest.mark.parametrize("name", CASES)
def test_the_gradient_of_alphas_and_betas_in_pc_darts_is_the_derivative(name):
    with in_float64():
        strategy = complete(CASES[name])
        supernet = partial_supernet(strategy)
        train, valid = batches_in_float64()
        architect = Architect(supernet, 0.0, 1e-3, False, strategy=strategy)

        def objective():
            penalties = 0.0
            if strategy.penalties:
                tables = [alphas for alphas in supernet.arch_parameters() if len(alphas.shape) == 2]
                weights = [supernet.mixture(alphas, k) for k, alphas in enumerate(tables)]
                penalties = sum(float(penalty(tables, weights, PLACE)) for penalty in strategy.penalties)
            return float(supernet._loss(*valid)) + penalties

        with mixed_by(supernet, strategy.mixture, PLACE, make_generator):
            found = architect.hypergradient(train, valid, PLACE)
            rng = np.random.default_rng(1)
            direction = [rng.standard_normal(alphas.shape) for alphas in supernet.arch_parameters()]
            h = 1e-5
            ahead, behind = (along(supernet, direction, sign * h, objective) for sign in (1, -1))
        inner = sum(float((g.numpy() * d).sum()) for g, d in zip(found, direction))
        np.testing.assert_allclose(inner, (ahead - behind) / (2 * h), rtol=1e-5)
        assert all(np.abs(gradient.numpy()).max() > 0 for gradient in found)


@pytest.mark.parametrize("name", ["darts", "gumbel", "drnas", "beta-DARTS, DARTS-", "drnas-two-stage"])
def test_the_second_order_in_pc_darts_is_the_derivative_through_the_virtual_step(name):
    xi = 0.05
    with in_float64():
        # a short shift, since ReLU has kinks
        strategy = dataclasses.replace(complete(CASES[name]), hypergradient=SecondOrder(radius=1e-5), penalties=())
        supernet = partial_supernet(strategy)
        train, valid = batches_in_float64()
        architect = Architect(supernet, xi, 1e-3, True, momentum=0.0, weight_decay=0.0, strategy=strategy)

        def objective():
            weights, _ = split_parameters(supernet)
            with undisturbed(supernet), kept(weights) as originals:
                originals.move(paddle.grad(supernet._loss(*train), weights, allow_unused=True), -xi)
                return float(supernet._loss(*valid))

        with mixed_by(supernet, strategy.mixture, PLACE, make_generator):
            found = architect.hypergradient(train, valid, PLACE)
            rng = np.random.default_rng(1)
            direction = [rng.standard_normal(alphas.shape) for alphas in supernet.arch_parameters()]
            ahead, behind = (along(supernet, direction, sign * 1e-5, objective) for sign in (1, -1))
        inner = sum(float((g.numpy() * d).sum()) for g, d in zip(found, direction))
        np.testing.assert_allclose(inner, (ahead - behind) / 2e-5, rtol=1e-4)


def test_the_gradient_of_gdas_in_pc_darts_is_that_of_the_probability_of_what_was_drawn():
    with in_float64():
        strategy = complete(dataclasses.replace(METHODS["gdas"], penalties=[BUDGET]))
        supernet = partial_supernet(strategy)
        train, valid = batches_in_float64()
        architect = Architect(supernet, 0.0, 1e-3, False, strategy=strategy)
        tables = supernet.arch_parameters()[:2]
        with mixed_by(supernet, strategy.mixture, PLACE, make_generator):
            found = architect.hypergradient(train, valid, PLACE)
            budget = penalty_gradients(strategy, supernet, tables, PLACE)
            drawn = [supernet.mixture(alphas, k).numpy() for k, alphas in enumerate(tables)]
        soft = [GumbelSoftmax().weights(a, PLACE, make_generator(k)).numpy() for k, a in enumerate(tables)]
        tau = 10 + (0.1 - 10) * 5 / 9
        weights = [w.copy() for w in drawn]
        supernet.mixture = lambda alphas, index=0: paddle.to_tensor(weights[index])

        def loss_at(k, edge, column, value):
            weights[k][edge, column] = value
            try:
                return float(supernet._loss(*valid))
            finally:
                weights[k][edge, column] = drawn[k][edge, column]

        for k, (p, gradient) in enumerate(zip(soft, found)):
            for edge, column in enumerate(drawn[k].argmax(axis=1)):
                slope = (loss_at(k, edge, column, 1 + 1e-5) - loss_at(k, edge, column, 1 - 1e-5)) / 2e-5
                # dp_o / da_j = p_o (1[j = o] - p_j) / tau, since log softmax adds the same to all of an edge
                expected = slope * p[edge, column] * (np.eye(4)[column] - p[edge]) / tau
                np.testing.assert_allclose(
                    gradient.numpy()[edge], expected + budget[k].numpy()[edge], rtol=1e-5, atol=1e-9
                )
