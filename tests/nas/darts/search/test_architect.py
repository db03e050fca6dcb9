import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import Architect
from paddleslim.nas.darts.search_space.contract import split_parameters
from paddleslim.nas.darts.strategy.hypergradient import first_order, second_order
from tests.supernets import DocumentedSupernet, NormSupernet, random_batches, snapshot


@pytest.fixture
def batches():
    return [tuple(paddle.to_tensor(a) for a in batch) for batch in random_batches(2)]


def adam_step(alpha, gradient, rate=0.01, betas=(0.5, 0.999), decay=1e-3, epsilon=1e-8):
    """Return the alphas after the first step of Adam with L2 decay (Kingma and Ba, 2015, the end of section 2)."""
    gradient = gradient + decay * alpha
    first, second = (1 - betas[0]) * gradient, (1 - betas[1]) * gradient**2
    return alpha - rate * np.sqrt(1 - betas[1]) / (1 - betas[0]) * first / (np.sqrt(second) + epsilon)


@pytest.mark.parametrize("unrolled", [False, True])
def test_a_step_is_adam_on_the_hypergradient(unrolled, batches):
    model = NormSupernet()
    train, valid = batches
    architect = Architect(model, 0.1, 0.01, unrolled, False, weight_decay=0.0, momentum=0.0)
    gradient = second_order(model, train, valid, xi=0.1) if unrolled else first_order(model, valid)
    expected = adam_step(model.alphas.numpy().astype("float64"), gradient[0].numpy().astype("float64"))
    architect.step(*train, *valid)
    np.testing.assert_allclose(model.alphas.numpy(), expected, atol=1e-6)


def test_a_step_leaves_weights_and_gradients_alone(batches):
    model = DocumentedSupernet()
    train, valid = batches
    before = snapshot(model)
    Architect(model, 0.1, 0.01, True, False).step(*train, *valid)
    after = snapshot(model)
    assert all(before[n].tobytes() == after[n].tobytes() for n in before if "alphas" not in n)
    assert before["alphas_normal"].tobytes() != after["alphas_normal"].tobytes()
    assert all(p.grad is None for p in model.parameters())


def test_the_virtual_step_uses_the_velocity_of_the_weights_optimizer(batches):
    model = DocumentedSupernet()
    train, valid = batches
    weights, _ = split_parameters(model)
    momentum = paddle.optimizer.Momentum(0.1, 0.9, parameters=weights)
    architect = Architect(model, 0.1, 0.01, True, False, optimizer=momentum, momentum=0.9, weight_decay=0.0)
    expected = second_order(model, train, valid, xi=0.1)[0].numpy()
    np.testing.assert_array_equal(architect.hypergradient(train, valid)[0].numpy(), expected)

    gradients = paddle.grad(model._loss(*train), weights)
    for weight, gradient in zip(weights, gradients):
        weight.grad = gradient
    momentum.step()  # from here on the velocity is that gradient
    expected = second_order(model, train, valid, xi=0.1, momentum=0.9, velocity=gradients)[0].numpy()
    np.testing.assert_array_equal(architect.hypergradient(train, valid)[0].numpy(), expected)
    without = second_order(model, train, valid, xi=0.1)[0].numpy()
    assert np.abs(without - expected).max() > 0


def test_the_rate_of_the_virtual_step_may_follow_a_schedule(batches):
    model = DocumentedSupernet()
    schedule = paddle.optimizer.lr.StepDecay(0.1, step_size=1, gamma=0.5)
    architect = Architect(model, schedule, 0.01, True, False, momentum=0.0, weight_decay=0.0)
    for rate in (0.1, 0.05):
        expected = second_order(model, *batches, xi=rate)[0].numpy()
        np.testing.assert_array_equal(architect.hypergradient(*batches)[0].numpy(), expected)
        schedule.step()


def test_the_supernet_is_found_inside_a_data_parallel(monkeypatch):
    model = DocumentedSupernet()
    assert Architect(model, 0.1, 0.01, False, False).get_model() is model
    assert Architect(paddle.DataParallel(model), 0.1, 0.01, False, False).get_model() is model


def test_an_architect_refuses_what_it_cannot_use():
    with pytest.raises(AttributeError, match=r"Linear lacks `arch_parameters\(\)`"):
        Architect(paddle.nn.Linear(2, 2), 0.1, 0.1, False)
    with pytest.raises(ValueError, match="arch_learning_rate must be a number above 0, got -1"):
        Architect(DocumentedSupernet(), 0.1, -1, False)
