import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.search.architect import Architect
from paddleslim.nas.darts.strategy.operation_early_stopping import OperationEarlyStopping
from paddleslim.nas.darts.strategy.operation_weights import OperationWeights
from paddleslim.nas.darts.strategy.problem import Problem
from paddleslim.nas.darts.strategy.progress import Progress

from .differences import in_float64
from .mixed_supernet import MixedSupernet, batch_of

PLACE = Progress(0, 0, 10, 10)


def gradients(supernet, batch):
    supernet._loss(*batch).backward()
    found = [np.concatenate([p.grad.numpy().ravel() for p in linear.parameters()]) for linear in supernet.linears]
    supernet.clear_gradients()
    return found


def train(supernet, runner, optimizer, train_batch, valid_batch):
    with runner.around(train_batch, valid_batch, PLACE, None):
        supernet._loss(*train_batch).backward()
        optimizer.step()
        optimizer.clear_grad(set_to_zero=False)


def make(window=2, threshold=0.4):
    paddle.seed(1)
    supernet = MixedSupernet()
    weights = Problem(supernet).weights
    optimizer = paddle.optimizer.Momentum(0.1, 0.9, parameters=weights, weight_decay=0.01)
    return supernet, OperationEarlyStopping(threshold, window).start(Problem(supernet)), optimizer


def test_the_cosines_are_those_of_the_gradients_of_both_losses():
    with in_float64():
        supernet, runner, optimizer = make(window=5)
        sums = np.zeros(4)
        for step in range(3):
            train_batch, valid_batch = batch_of(step, "float64"), batch_of(50 + step, "float64")
            for k, (a, b) in enumerate(zip(gradients(supernet, train_batch), gradients(supernet, valid_batch))):
                sums[k] += a @ b / np.sqrt(a @ a * (b @ b))
            train(supernet, runner, optimizer, train_batch, valid_batch)
    np.testing.assert_allclose(runner.get_state()["cosines"], sums, rtol=1e-5)


def test_operations_rest_after_a_window_whose_mean_cosine_is_below_the_threshold():
    supernet, runner, optimizer = make(threshold=1.0)
    other = batch_of(1)
    for _ in range(2):
        assert runner.frozen_operations == []
        train(supernet, runner, optimizer, batch_of(0), other)
    assert runner.frozen_operations == [f"linear {k}" for k in range(4)]
    before = [p.numpy().copy() for p in supernet.linears.parameters()]
    stem = supernet.stem.weight.numpy().copy()
    train(supernet, runner, optimizer, batch_of(0), other)
    assert all(p.numpy().tobytes() == old.tobytes() for p, old in zip(supernet.linears.parameters(), before))
    assert np.abs(supernet.stem.weight.numpy() - stem).max() > 0


def test_operations_whose_losses_agree_never_rest():
    supernet, runner, optimizer = make(window=1)
    train(supernet, runner, optimizer, batch_of(0), batch_of(0))
    assert runner.frozen_operations == []


def test_a_resting_operation_takes_no_part_in_the_norm_of_the_gradients():
    supernet, runner, _ = make()
    runner.resting[:] = True
    with runner.around(batch_of(0), batch_of(1), PLACE, None):
        supernet._loss(*batch_of(0)).backward()
        assert all(not p.grad.numpy().any() for p in supernet.linears.parameters())
        assert supernet.stem.weight.grad.numpy().any()


def test_a_part_of_a_parameter_rests_alone():
    supernet = MixedSupernet()
    weight = supernet.linears[0].weight  # [5, 5]
    stem = supernet.stem.weight  # [4, 5]
    supernet.operation_weights = lambda: {"first": [(stem, 0, 2), weight], "second": [(stem, 1, 2)]}
    operations = OperationWeights(supernet)
    masks = operations.masks(np.array([False, True]))
    assert list(masks) == [0]
    assert masks[0].numpy().ravel().tolist() == [1, 1, 0, 0]
    rng = np.random.default_rng(0)
    one, other = ([paddle.to_tensor(rng.standard_normal(p.shape)) for p in (stem, weight)] for _ in range(2))
    pieces = [
        [np.concatenate([g[0].numpy()[:2].ravel(), g[1].numpy().ravel()]), g[0].numpy()[2:].ravel()]
        for g in (one, other)
    ]
    expected = [a @ b / np.sqrt(a @ a * (b @ b)) for a, b in zip(*pieces)]
    np.testing.assert_allclose(operations.cosines(one, other).numpy(), expected, rtol=1e-5)


def test_a_state_continues_a_window():
    supernet, runner, optimizer = make(window=3)
    train(supernet, runner, optimizer, batch_of(0), batch_of(1))
    resumed = OperationEarlyStopping(0.4, 3).start(Problem(supernet))
    resumed.set_state(runner.get_state())
    for one in (runner, resumed):
        with one.around(batch_of(0), batch_of(1), PLACE, None):
            supernet._loss(*batch_of(0)).backward()
            supernet.clear_gradients()
    assert runner.get_state()["steps"] == resumed.get_state()["steps"] == 2
    np.testing.assert_array_equal(runner.get_state()["cosines"], resumed.get_state()["cosines"])


def test_a_supernet_that_names_no_operations_is_refused():
    supernet = MixedSupernet()
    supernet.operation_weights = None
    with pytest.raises(AttributeError, match="MixedSupernet lacks `operation_weights`"):
        OperationEarlyStopping().start(Problem(supernet))


def test_the_pass_of_the_architecture_step_makes_the_gradients_along():
    with in_float64():
        supernet, runner, _ = make(window=5)
        train_batch, valid_batch = batch_of(0, "float64"), batch_of(1, "float64")
        expected = gradients(supernet, valid_batch)
        plain = Architect(supernet, 0.0, 1e-3, False).hypergradient(train_batch, valid_batch)
        architect = Architect(supernet, 0.0, 1e-3, False)
        architect.observer = runner
        passes = []
        loss = supernet._loss
        supernet._loss = lambda x, label: passes.append(x) or loss(x, label)
        found = architect.hypergradient(train_batch, valid_batch)
        del supernet._loss
        assert all(np.array_equal(g.numpy(), p.numpy()) for g, p in zip(found, plain))
        assert len(passes) == 1
        with runner.around(train_batch, valid_batch, PLACE, None):
            for alphas in supernet.arch_parameters():
                alphas.set_value(alphas * 0)  # too late to matter for the validation loss
            seen = gradients(supernet, train_batch)
        cosines = [a @ b / np.sqrt(a @ a * (b @ b)) for a, b in zip(seen, expected)]
        np.testing.assert_allclose(runner.get_state()["cosines"], cosines, rtol=1e-5)


def test_gradients_of_another_batch_are_not_taken_for_those_of_this_one():
    supernet, runner, _ = make(window=5)
    runner.observe(batch_of(7), [paddle.zeros_like(p) for p in runner.parameters])
    with runner.around(batch_of(0), batch_of(0), PLACE, None):
        gradients(supernet, batch_of(0))
    np.testing.assert_allclose(runner.get_state()["cosines"], np.ones(4), rtol=1e-5)
