"""Optimizers of the user's own, their schedules, and gradients of several batches."""

import logging

import numpy as np
import paddle
import pytest

from paddleslim.fluid import optimizer as fluid_optimizers
from paddleslim.nas.darts.search.architect import Architect
from paddleslim.nas.darts.search.virtual_rule import read_virtual_rule
from paddleslim.nas.darts.search_space.contract import split_parameters
from paddleslim.nas.darts.strategy.hypergradient import first_order, second_order, virtual_step
from paddleslim.nas.darts.strategy.strategy import Strategy, complete
from paddleslim.nas.darts.training import clipping
from paddleslim.nas.darts.training.schedule import CosineByEpoch
from tests.searches import StopAt, make_search, summarize
from tests.supernets import NormSupernet, snapshot


def adam(weights):
    warm = paddle.optimizer.lr.LinearWarmup(paddle.optimizer.lr.ExponentialDecay(0.01, 0.9), 3, 0.0, 0.01)
    return paddle.optimizer.Adam(warm, parameters=weights)


def test_an_optimizer_with_warm_up_trains_and_resumes_bit_for_bit(tmp_path):
    whole = make_search(tmp_path / "whole", weight_optimizer=adam, num_epochs=2)
    whole.train()
    rates = [report.learning_rate for report in whole.history]
    assert rates == pytest.approx([0.0, 0.01 * 0.9])  # 3 of 4 steps warm up, then it decays step by step
    halves = make_search(
        tmp_path / "halves", weight_optimizer=adam, checkpoint_steps=1, callbacks=[StopAt(6)], num_epochs=2
    )
    with pytest.raises(KeyboardInterrupt):
        halves.train()
    resumed = make_search(tmp_path / "halves", weight_optimizer=adam, num_epochs=2)
    resumed.train(resume=True)
    assert summarize(resumed) == summarize(whole)


def test_an_optimizer_without_state_resumes(tmp_path):
    def sgd(weights):
        return paddle.optimizer.SGD(0.1, parameters=weights)

    make_search(tmp_path, weight_optimizer=sgd, num_epochs=1).train()
    resumed = make_search(tmp_path, weight_optimizer=sgd, num_epochs=2)
    resumed.train(resume=True)
    assert len(resumed.history) == 2


def nesterov(weights):
    return paddle.optimizer.Momentum(0.1, parameters=weights, use_nesterov=True)


def test_settings_of_gdas_are_an_optimizer_with_nesterov_and_a_cosine_above_0(tmp_path):
    settings = {"learning_rate": 0.1, "weight_decay": 0.0, "grad_clip": None, "num_epochs": 2}

    def own(weights):
        return paddle.optimizer.Momentum(CosineByEpoch(0.1, 4, 2, end=0.01), parameters=weights, use_nesterov=True)

    by_settings = make_search(tmp_path / "a", nesterov=True, learning_rate_end=0.01, **settings)
    by_settings.train()
    by_function = make_search(tmp_path / "b", weight_optimizer=own, **settings)
    by_function.train()
    assert summarize(by_settings) == summarize(by_function)
    assert [report.learning_rate for report in by_settings.history] == pytest.approx([0.1, 0.055])


@pytest.mark.parametrize(("optimizer", "reason"), [(adam, "Adam takes a step"), (nesterov, "momentum is Nesterov's")])
def test_second_order_needs_momentum_or_takes_a_plain_step_where_asked(tmp_path, optimizer, reason):
    options = {"weight_optimizer": optimizer, "unrolled": True, "num_epochs": 1}
    with pytest.raises(ValueError, match=f"{reason}.*virtual_step='plain'"):
        make_search(tmp_path, **options).train()
    search = make_search(tmp_path, **options, virtual_step="plain")
    search.train()
    assert (search.architect.momentum, search.architect.weight_decay) == (0.0, 0.0)


def test_second_order_reads_momentum_and_decay_of_the_optimizer(tmp_path):
    def momentum(weights):
        return paddle.optimizer.Momentum(0.1, 0.7, parameters=weights, weight_decay=0.02)

    search = make_search(tmp_path, weight_optimizer=momentum, unrolled=True, num_epochs=1)
    search.train()
    assert (search.architect.momentum, search.architect.weight_decay) == (0.7, 0.02)


def plateau():
    return paddle.optimizer.lr.ReduceOnPlateau(0.1)


@pytest.mark.parametrize("grouped", [False, True])
def test_weights_that_an_optimizer_leaves_out_are_named_and_stay(tmp_path, caplog, monkeypatch, grouped):
    monkeypatch.setattr(logging.getLogger("paddleslim"), "propagate", True)

    def some(weights):
        return paddle.optimizer.SGD(0.1, parameters=[{"params": weights[1:]}] if grouped else weights[1:])

    search = make_search(tmp_path, weight_optimizer=some, num_epochs=1)
    weights = split_parameters(search.model)[0]
    before = [weight.numpy() for weight in weights]
    search.train()
    assert f"leaves out 1 of the {len(search.task.weights)} weights" in caplog.text
    assert [bool((w.numpy() != b).any()) for w, b in zip(weights, before)] == [False] + [True] * (len(weights) - 1)


@pytest.mark.parametrize(
    ("optimizer", "message"),
    [
        (lambda weights: None, "it returned None"),
        (lambda w: fluid_optimizers.MomentumOptimizer(0.1, 0.9, w), "of fluid is paddle.optimizer.Momentum today"),
        (lambda w: paddle.optimizer.SGD(plateau(), parameters=w), "ReduceOnPlateau"),
        (
            lambda w: paddle.optimizer.SGD(paddle.optimizer.lr.LinearWarmup(plateau(), 2, 0.0, 0.1), parameters=w),
            "ReduceOnPlateau",
        ),
        (lambda w: paddle.optimizer.LBFGS(parameters=w), "is an LBFGS, whose step takes many passes"),
        (
            lambda w: paddle.optimizer.SGD(0.1, parameters=paddle.nn.Linear(2, 2).parameters()),
            "holds other parameters than the weights of the supernet",
        ),
    ],
)
def test_what_is_no_optimizer_is_refused(tmp_path, optimizer, message):
    with pytest.raises((TypeError, ValueError), match=message):
        make_search(tmp_path, weight_optimizer=optimizer).train()


def test_all_weights_frozen_is_one_sentence(tmp_path):
    search = make_search(tmp_path)
    for name, parameter in search.model.named_parameters():
        parameter.stop_gradient = name != "alphas"
    with pytest.raises(ValueError, match="no weight that is trained"):
        search.train()


def test_two_half_batches_make_the_step_of_a_whole_one(tmp_path):
    """Without batch norm the mean gradient of two halves is that of the whole."""
    images = np.random.default_rng(0).standard_normal([8, 1, 8, 8]).astype("float32")
    labels = np.arange(8)[:, None]

    def search(parts, folder, **options):
        def reader(half):
            return lambda: iter([(images[i::parts], labels[i::parts]) for i in range(parts)])

        def make_model():
            model = NormSupernet()
            model.norm = paddle.nn.Identity()
            return model

        options = {"epochs_no_archopt": 9, "num_imgs": 8 * 2, "batchsize": 8 // parts, "num_epochs": 2, **options}
        found = make_search(folder, reader, make_model, **options)
        found.train()
        return found

    whole = search(1, tmp_path / "whole")
    halves = search(2, tmp_path / "halves", accumulate_steps=2)
    assert halves.learning_rate_now == whole.learning_rate_now
    for name, array in snapshot(whole.model).items():
        np.testing.assert_allclose(snapshot(halves.model)[name], array, rtol=1e-4, atol=1e-6)


def test_accumulated_gradients_resume_bit_for_bit(tmp_path):
    options = {"accumulate_steps": 3, "num_epochs": 2}
    whole = make_search(tmp_path / "whole", **options)
    whole.train()
    halves = make_search(tmp_path / "halves", checkpoint_steps=1, callbacks=[StopAt(3)], **options)
    with pytest.raises(KeyboardInterrupt):
        halves.train()
    resumed = make_search(tmp_path / "halves", **options)
    resumed.train(resume=True)
    assert summarize(resumed) == summarize(whole)


class Unclipped(paddle.nn.Layer):
    """loss = mean over the samples of (w1 + a) x1 + (w2 + a) x2, where w1 asks not to be clipped."""

    def __init__(self):
        super().__init__()
        zero = paddle.nn.initializer.Constant(0.0)
        self.w1 = self.create_parameter([1], attr=paddle.ParamAttr(need_clip=False), default_initializer=zero)
        self.w2 = self.create_parameter([1], default_initializer=zero)
        self.alphas = self.create_parameter([1], default_initializer=zero)

    def arch_parameters(self):
        return [self.alphas]

    def genotype(self):
        return ""

    def forward(self, x):
        return (self.w1 + self.alphas) * x[:, 0] + (self.w2 + self.alphas) * x[:, 1]

    def _loss(self, x, y):
        return self(x).mean()


@pytest.mark.parametrize("kernels", [True, False])
@pytest.mark.parametrize("unrolled", [False, True])
def test_a_weight_that_asks_not_to_be_clipped_moves_by_its_whole_gradient(tmp_path, kernels, unrolled, monkeypatch):
    if not kernels:
        monkeypatch.setattr(clipping, "usable", lambda *tensors: False)
    batch = np.array([[30.0, 40.0]] * 2, "float32"), np.zeros([2, 1], "float32")
    search = make_search(
        tmp_path,
        lambda half: lambda: iter([batch]),
        Unclipped,
        criterion=lambda outputs, label: outputs.mean(),
        unrolled=unrolled,
        weight_decay=0.0,
        learning_rate=0.1,
        grad_clip=5.0,
        num_epochs=1,
        num_imgs=4,
        batchsize=2,
    )
    search.train()
    # the norm is that of what is clipped, 40, and becomes 5; the virtual step is never clipped, as in PaddleSlim 1.1
    np.testing.assert_allclose(search.model.w1.numpy(), [-0.1 * 30], rtol=1e-6)
    np.testing.assert_allclose(search.model.w2.numpy(), [-0.1 * 5], rtol=1e-6)


class Product(paddle.nn.Layer):
    """loss = (w1 a1 + w2 a2 - y)^2 / 2, whose second order is known in closed form."""

    def __init__(self, rate, regularizer):
        super().__init__()
        attr = paddle.ParamAttr(learning_rate=rate, regularizer=regularizer)
        start = paddle.nn.initializer.Assign
        self.w = self.create_parameter([2], attr=attr, default_initializer=start(np.array([0.5, -0.3], "float32")))
        self.a = self.create_parameter([2], default_initializer=start(np.array([0.8, 0.6], "float32")))

    def arch_parameters(self):
        return [self.a]

    def _loss(self, x, y):
        return ((self.w * self.a * x).sum() - y.sum()) ** 2 / 2


def in_groups(**first):
    return lambda weights: [{"params": weights[:1], **first}, {"params": weights[1:]}]


@pytest.mark.parametrize(
    ("kind", "groups", "options"),
    [
        (paddle.optimizer.Momentum, in_groups(weight_decay=0.0), {"weight_decay": 0.3}),
        (paddle.optimizer.Momentum, in_groups(weight_decay=0.1, momentum=0.5, learning_rate=0.1), {}),
        (paddle.optimizer.Momentum, in_groups(weight_decay=paddle.regularizer.L1Decay(0.1)), {"weight_decay": 0.3}),
        (paddle.optimizer.SGD, in_groups(weight_decay=0.1), {"weight_decay": 0.3}),
        (paddle.optimizer.Momentum, list, {"name": "mine"}),
        (paddle.optimizer.Momentum, in_groups(momentum=0.5), {"name": "mine"}),
    ],
)
def test_the_virtual_step_is_the_one_that_the_optimizer_takes(kind, groups, options):
    paddle.seed(0)
    supernet = NormSupernet()
    weights = split_parameters(supernet)[0][:2]
    optimizer = kind(0.1, parameters=groups(weights), **options)
    momentum, decay = read_virtual_rule(optimizer, complete(Strategy(), unrolled=True), "optimizer")
    architect = Architect(supernet, 0.1, 0.1, True, optimizer=optimizer, momentum=momentum, weight_decay=decay)
    for _ in range(3):  # the velocity is zero in the first one
        for weight in weights:
            weight.grad = paddle.randn(weight.shape)
        problem = architect.problem()
        rules = zip(problem.velocity(), *(for_each(v, 2) for v in (problem.momentum, problem.weight_decay)))
        expected = [w - 0.1 * virtual_step(w, w.grad, *rule) for w, rule in zip(weights, rules)]
        optimizer.step()
        for weight, value in zip(weights, expected):
            np.testing.assert_allclose(weight.numpy(), value.numpy(), rtol=1e-5, atol=1e-7)


def for_each(factor, count):
    return factor[:count] if isinstance(factor, list) else [factor] * count


def test_where_all_weights_are_frozen_the_second_order_is_the_first():
    supernet, batch = Product(1.0, None), tuple(paddle.to_tensor(v) for v in ([1.0, 2.0], 0.7))
    supernet.w.stop_gradient = True
    np.testing.assert_array_equal(second_order(supernet, batch, batch, 0.1)[0], first_order(supernet, batch)[0])


@pytest.mark.parametrize("rate", [1.0, 0.1, 0.0])
@pytest.mark.parametrize("regularizer", [None, paddle.regularizer.L2Decay(0.2), paddle.regularizer.L1Decay(0.2)])
def test_rate_and_decay_of_param_attr_hold_in_the_virtual_step(rate, regularizer):
    paddle.seed(0)
    w, a = np.array([0.5, -0.3]), np.array([0.8, 0.6])
    (xt, yt), (xv, yv) = (np.array([1.0, 2.0]), 0.7), (np.array([-0.5, 1.5]), 0.2)
    xi, decay = 0.1, 0.05

    residual = (w * a * xt).sum() - yt
    by_decay = {None: decay * w}.get(
        regularizer, 0.2 * (w if isinstance(regularizer, paddle.regularizer.L2Decay) else np.sign(w))
    )
    moved = w - xi * rate * (residual * a * xt + by_decay)
    at = (moved * a * xv).sum() - yv
    mixed = np.outer(w * xt, a * xt) + residual * np.diag(xt)  # d²L_train / da dw
    expected = at * moved * xv - xi * mixed @ (rate * at * a * xv)

    batches = [tuple(paddle.to_tensor(np.array(v, "float32")) for v in batch) for batch in ((xt, yt), (xv, yv))]
    found = second_order(Product(rate, regularizer), *batches, xi=xi, weight_decay=decay)[0].numpy()
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-4)
