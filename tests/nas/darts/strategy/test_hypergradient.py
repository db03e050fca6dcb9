import functools
import random

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.search_space.contract import split_parameters
from paddleslim.nas.darts.state.snapshots import shifted, undisturbed
from paddleslim.nas.darts.strategy.hypergradient import first_order, second_order, virtual_step
from tests.nas.darts.strategy import differences
from tests.supernets import NormSupernet, random_batches, snapshot


@pytest.fixture
def float64():
    with differences.in_float64():
        yield


def tensors(batch):
    return tuple(paddle.to_tensor(array) for array in batch)


def two_batches(dtype="float32"):
    return [tensors(batch) for batch in random_batches(2, dtype=dtype)]


def composed_loss(supernet, train_batch, valid_batch, xi, momentum, velocity, decay):
    """Return L_val(w - xi (momentum v + grad + decay w), α) by carrying the step out on the weights."""
    weights, _ = split_parameters(supernet)
    saved = [w.numpy().copy() for w in weights]
    supernet._loss(*train_batch).backward()
    for weight, old, v in zip(weights, saved, velocity):
        weight.set_value(old - xi * (momentum * v.numpy() + weight.grad.numpy() + decay * old))
    value = float(supernet._loss(*valid_batch))
    for weight, old in zip(weights, saved):
        weight.set_value(old)
    supernet.clear_gradients()
    return value


differentiate = functools.partial(differences.differentiate, step=1e-3)


@pytest.mark.usefixtures("float64")
def test_first_order_is_the_derivative_of_the_validation_loss():
    paddle.seed(3)
    supernet, (_, valid) = NormSupernet(), two_batches("float64")
    (gradient,) = first_order(supernet, valid)
    expected = differentiate(lambda: float(supernet._loss(*valid)), supernet.alphas)
    np.testing.assert_allclose(gradient.numpy(), expected, rtol=1e-8)


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_second_order_is_the_derivative_through_the_virtual_step(momentum):
    paddle.seed(3)
    supernet, (train, valid) = NormSupernet(), two_batches("float64")
    weights, _ = split_parameters(supernet)
    velocity = [paddle.randn(w.shape) * 0.1 for w in weights]
    step = {"xi": 0.1, "momentum": momentum, "velocity": velocity}
    (gradient,) = second_order(supernet, train, valid, weight_decay=0.01, **step)
    expected = differentiate(lambda: composed_loss(supernet, train, valid, decay=0.01, **step), supernet.alphas)
    relative = np.abs(gradient.numpy() - expected).max() / np.abs(expected).max()
    assert relative < 1e-5
    (direct,) = first_order(supernet, valid)
    assert np.abs(direct.numpy() - expected).max() / np.abs(expected).max() > 1e-3


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("seed", range(4))
def test_the_forward_difference_errs_by_less_than_2e_4_and_takes_one_pass_less(seed):
    paddle.seed(seed)
    supernet, (train, valid) = NormSupernet(), two_batches("float64")
    velocity = [paddle.randn(w.shape) * 0.1 for w in split_parameters(supernet)[0]]
    step = {"xi": 0.1, "momentum": 0.9, "velocity": velocity}
    expected = differentiate(lambda: composed_loss(supernet, train, valid, decay=0.01, **step), supernet.alphas)
    forward, passes = supernet.forward, []
    supernet.forward = lambda image: passes.append(image) or forward(image)
    (gradient,) = second_order(supernet, train, valid, weight_decay=0.01, difference="forward", **step)
    assert len(passes) == 3
    assert np.abs(gradient.numpy() - expected).max() / np.abs(expected).max() < 2e-4


def disturb_everything(supernet):
    """Give weights, buffers and gradients values no initialiser would, then return all that must survive."""
    for statistic in (supernet.norm._mean, supernet.norm._variance):
        statistic.set_value(statistic + 0.123)
    return snapshot(supernet)


def random_draws():
    return paddle.rand([3]).numpy().tolist(), np.random.rand(3).tolist(), random.random()


def test_second_order_leaves_no_trace_in_weights_buffers_gradients_and_random_states():
    supernet, (train, valid) = NormSupernet(dropout=0.5), two_batches()
    before = disturb_everything(supernet)
    with undisturbed(supernet):
        expected_draws = random_draws()
    second_order(supernet, train, valid, xi=0.025, weight_decay=3e-4)
    after = snapshot(supernet)
    assert before.keys() == after.keys()
    assert {"norm._mean", "norm._variance", "alphas", "classifier.weight"} <= before.keys()
    for name in before:
        assert before[name].tobytes() == after[name].tobytes(), name
    assert random_draws() == expected_draws
    assert all(p.grad is None for p in supernet.parameters())


@pytest.mark.parametrize("failing_pass", [1, 2, 3, 4])
def test_second_order_leaves_no_trace_when_a_pass_raises(failing_pass):
    supernet, (train, valid) = NormSupernet(dropout=0.5), two_batches()
    before = disturb_everything(supernet)
    with undisturbed(supernet):
        expected_draws = random_draws()
    forward, passes = supernet.forward, []

    def fail(image):
        out = forward(image)
        passes.append(image)
        if len(passes) == failing_pass:
            raise KeyboardInterrupt
        return out

    supernet.forward = fail
    with pytest.raises(KeyboardInterrupt):
        second_order(supernet, train, valid, xi=0.025)
    after = snapshot(supernet)
    for name in before:
        assert before[name].tobytes() == after[name].tobytes(), name
    assert random_draws() == expected_draws


def test_a_buffer_that_a_pass_replaces_is_as_before():
    supernet, (train, valid) = NormSupernet(), two_batches()
    supernet.register_buffer("count", paddle.zeros([1]))
    forward = supernet.forward

    def count(image):
        supernet.count = supernet.count + 1
        return forward(image)

    supernet.forward = count
    second_order(supernet, train, valid, xi=0.025)
    assert supernet.count.item() == 0
    first_order(supernet, valid)
    assert supernet.count.item() == 1


@pytest.mark.parametrize("difference", ["central", "forward"])
def test_every_pass_of_second_order_sees_the_buffers_of_before(difference):
    supernet, (train, valid) = NormSupernet(), two_batches()
    supernet.register_buffer("count", paddle.zeros([1]))
    forward, seen = supernet.forward, []

    def count(image):
        seen.append((supernet.count.item(), supernet.norm._mean.numpy().tolist()))
        supernet.count = supernet.count + 1
        return forward(image)

    supernet.forward = count
    second_order(supernet, train, valid, xi=0.025, difference=difference)
    assert len(seen) == (4 if difference == "central" else 3)
    assert all(state == (0.0, [0.0] * 4) for state in seen)


def test_every_pass_of_second_order_sees_the_same_random_numbers():
    supernet, (train, valid) = NormSupernet(dropout=0.5), two_batches()
    paddle.seed(5)
    first = second_order(supernet, train, valid, xi=0.025)[0].numpy()
    paddle.seed(5)
    assert first.tobytes() == second_order(supernet, train, valid, xi=0.025)[0].numpy().tobytes()
    paddle.seed(6)
    assert first.tobytes() != second_order(supernet, train, valid, xi=0.025)[0].numpy().tobytes()


def test_first_order_moves_the_batch_norm_statistics():
    supernet, (_, valid) = NormSupernet(), two_batches()
    mean = supernet.norm._mean.numpy().copy()
    first_order(supernet, valid)
    assert np.abs(supernet.norm._mean.numpy() - mean).max() > 0


def test_first_order_gives_the_weights_no_gradient():
    supernet, (_, valid) = NormSupernet(), two_batches()
    first_order(supernet, valid)
    assert all(p.grad is None for p in supernet.parameters())


def test_an_alpha_that_no_loss_uses_has_no_gradient():
    supernet, (train, valid) = NormSupernet(), two_batches()
    supernet.unused = supernet.create_parameter([3])
    supernet.arch_parameters = lambda: [supernet.alphas, supernet.unused]
    assert first_order(supernet, valid)[1] is None
    assert second_order(supernet, train, valid, xi=0.1)[1] is None


def test_a_weight_that_no_loss_uses_does_no_harm():
    supernet, (train, valid) = NormSupernet(), two_batches()
    expected = second_order(supernet, train, valid, xi=0.1)[0].numpy()
    supernet.unused = supernet.create_parameter([3])
    np.testing.assert_array_equal(second_order(supernet, train, valid, xi=0.1)[0].numpy(), expected)


def test_the_virtual_step_is_the_equation():
    weight, gradient, velocity = (paddle.to_tensor(x) for x in (2.0, 3.0, 5.0))
    assert float(virtual_step(weight, gradient, velocity, 0.5, 0.1)) == pytest.approx(0.5 * 5 + 3 + 0.1 * 2)
    assert float(virtual_step(weight, gradient, None, 0.5, 0.0)) == 3.0
    assert virtual_step(weight, None, velocity, 0.5, 0.1) is None


def test_shifted_weights_are_restored_bit_for_bit():
    weights = [paddle.create_parameter([100], "float32") for _ in range(2)]
    before = [w.numpy().copy() for w in weights]
    with shifted(weights, [paddle.ones([100]), None], 0.1):
        np.testing.assert_allclose(weights[0].numpy(), before[0] + 0.1, rtol=1e-6)
        assert weights[1].numpy().tobytes() == before[1].tobytes()
    assert [w.numpy().tobytes() for w in weights] == [b.tobytes() for b in before]


class Cubic(paddle.nn.Layer):
    """L_train = α w³ and L_val = 1000 w, so that the vector of the difference is 1000 long."""

    def __init__(self):
        super().__init__()
        ones = {"dtype": "float64", "default_initializer": paddle.nn.initializer.Constant(1.0)}
        self.weight, self.alpha = self.create_parameter([1], **ones), self.create_parameter([1], **ones)

    def arch_parameters(self):
        return [self.alpha]

    def _loss(self, image, label):
        return 1000 * self.weight.sum()


def test_the_difference_shifts_all_weights_together_by_the_radius():
    """A shift of eps = radius / ||v|| errs by eps² v³ = radius² ||v|| here; one of radius by a million times more."""
    loss = lambda supernet, image, label: (supernet.alpha * supernet.weight**3).sum()  # noqa: E731
    (found,) = second_order(Cubic(), (None, None), (None, None), xi=1e-6, radius=0.01, train_loss=loss)
    # - xi d²L_train/dα dw v = - xi 3 w² v, and the error of the central difference
    assert found.item() == pytest.approx(-1e-6 * (3 * 1000 + 0.01**2 * 1000), rel=1e-9)
