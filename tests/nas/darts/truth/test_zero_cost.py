import numpy as np
import paddle
import pytest
from paddle import nn

from paddleslim.nas.darts.truth.space import build_network, from_code
from paddleslim.nas.darts.truth.zero_cost import gradient_norm, synflow


def state_of(network):
    return {name: tensor.numpy().copy() for name, tensor in network.state_dict().items()}


def test_synflow_of_linear_layers_is_the_sum_over_all_paths_for_each_layer():
    network = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2))
    first, second = (np.abs(network[k].weight.numpy()) for k in (0, 1))
    # R = 1 |W1| |W2| 1, and sum(w dR/dw) = R for each of the two layers, whose biases start at 0
    assert synflow(network, [3]) == pytest.approx(2 * (first @ second).sum(), rel=1e-5)


def test_synflow_leaves_the_network_as_it_was():
    network = build_network(from_code("3s1"), 2, 3, 1)
    before = state_of(network)
    assert synflow(network, [1, 8, 8]) > 0
    assert network.training
    assert all(np.array_equal(tensor, before[name]) for name, tensor in state_of(network).items())


def test_a_gradient_norm_is_that_of_the_differences():
    paddle.seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(2, 3))
    image, label = paddle.randn([5, 1, 1, 2]), paddle.to_tensor([[0], [1], [2], [0], [1]])
    x, p = image.numpy().reshape(5, 2), nn.functional.softmax(network(image)).numpy()
    error = (p - np.eye(3)[label.numpy()[:, 0]]) / 5  # of the mean cross entropy in the logits
    expected = np.sqrt(((x.T @ error) ** 2).sum() + (error.sum(axis=0) ** 2).sum())
    assert gradient_norm(network, image, label) == pytest.approx(expected, rel=1e-5)


def test_a_gradient_norm_leaves_statistics_and_gradients_as_they_were():
    network = build_network(from_code("1an"), 2, 3, 1)
    before = state_of(network)
    assert gradient_norm(network, paddle.randn([4, 1, 8, 8]), paddle.to_tensor([[0], [1], [2], [0]])) > 0
    assert all(np.array_equal(tensor, before[name]) for name, tensor in state_of(network).items())
    assert all(p.grad is None for p in network.parameters())
