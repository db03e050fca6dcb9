"""Tensors that are changed in place around a compiled layer: gradients are right, or an error says what was changed."""

import numpy as np
import paddle
import pytest
from paddle import nn
from paddle.nn import functional as F

from paddleslim.kernels.functional import conv2d
from paddleslim.nas.darts.training.compiling import Compiling

from .test_compiling import Mixed


class Cell(nn.Layer):
    """Branches that begin with ReLU, which Paddle lets change its input, and what is returned of them."""

    def __init__(self, result):
        super().__init__()
        self.branches = nn.LayerList(
            nn.Sequential(nn.ReLU(), nn.Conv2D(3, 4, 3, padding=1), nn.BatchNorm2D(4)) for _ in range(7)
        )
        self.result = result

    def forward(self, x, weights):
        return self.result(sum(weights[k] * branch(x) for k, branch in enumerate(self.branches)), x)


class Surrounded(nn.Layer):
    """A cell that is compiled, and what surrounds it, which is not."""

    def __init__(self, change, result=lambda out, x: out):
        super().__init__()
        self.cell, self.change, self.copies = Cell(result), change, False
        self.alphas = self.create_parameter([7])

    def forward(self, image):
        x, weights = image * (1.0 + 0.0 * float(image.mean())), F.softmax(self.alphas) * 1.0
        out = self.cell(x, weights)
        return self.change(self, x, weights, out)


def add_one(x):
    x.add_(paddle.ones([1], x.dtype))


def after(edit):
    """Return the change that edits the cell's input behind its call."""

    def change(network, x, weights, out):
        edit(x)
        return (out**2).mean() + x.mean()

    return change


def of_results(edit, place=1):
    """Return the change that edits one of the cell's two results."""

    def change(network, x, weights, out):
        edit(out[place])
        return ((out[0] * 1.0) ** 2).mean() + (out[1] ** 2).mean() + (x**2).mean()

    return change


def set_some(x):
    x[:, :2] = 0.5


def of_no_gradient(x):
    with paddle.no_grad():
        add_one(x)


def called_twice(network, x, weights, out):
    add_one(x)
    return (out * network.cell(x, weights)).mean()


def weights_of_the_mixture(network, x, weights, out):
    # as written, this is an error when the gradient is computed
    weights = weights.clone() if network.copies else weights
    add_one(weights)
    return (out**2).mean() + weights.sum()


def result_itself(network, x, weights, out):
    add_one(out)
    return (out**2).mean()


def view_of_the_result(network, x, weights, out):
    out[:, :2].scale_(3.0)
    return ((out * 1.0) ** 2).mean()


def two(out, x):
    return out, x * 2.0


CHANGES = {  # the network, and whether its cell is compiled
    "an input": (lambda: Surrounded(after(add_one)), True),
    "an input, by relu_": (lambda: Surrounded(after(F.relu_)), True),
    "some of an input": (lambda: Surrounded(after(set_some)), True),
    "an input, under no_grad": (lambda: Surrounded(after(of_no_gradient)), True),
    "a view of an input": (lambda: Surrounded(after(lambda x: add_one(x[:, :2]))), True),
    "an input of two calls": (lambda: Surrounded(called_twice), True),
    "weights given as an argument": (lambda: Surrounded(weights_of_the_mixture), True),
    "a result": (lambda: Surrounded(result_itself), True),
    "a view of a result": (lambda: Surrounded(view_of_the_result), True),
    "one of two results": (lambda: Surrounded(of_results(add_one), two), True),
    "an input that is returned": (lambda: Surrounded(of_results(add_one), lambda out, x: (out, x)), True),
    "a slice of an input that is returned": (
        lambda: Surrounded(of_results(add_one), lambda out, x: (out, x[:, :2])),
        False,
    ),
    "an input in another shape that is returned": (
        lambda: Surrounded(of_results(add_one), lambda out, x: (out, x.reshape([0, -1]))),
        False,
    ),
    "a result whose slice is one, too": (
        lambda: Surrounded(of_results(of_no_gradient, 0), lambda out, x: (out, out[:, :2])),
        False,
    ),
}


def losses_and_gradients(make, mode, steps=2):
    """Return what some steps give, and the `Compiling`."""
    paddle.seed(5)
    network = make()
    network.to(dtype="float64")
    network.copies = mode == "off"
    compiling, found = Compiling(network, mode, "cpu", lambda sentence: None), []
    with compiling.active():
        for step in range(steps):
            image = paddle.to_tensor(np.random.RandomState(step).randn(4, 3, 5, 6))
            image.stop_gradient = False
            loss = network(image)
            found += [loss, *paddle.grad(loss, [image, *(p for p in network.parameters() if not p.stop_gradient)])]
    return [tensor.numpy() for tensor in found], compiling


@pytest.mark.parametrize("name", list(CHANGES))
def test_gradients_are_those_of_the_network_as_written(name):
    make, compiled = CHANGES[name]
    theirs, _ = losses_and_gradients(make, "off")
    ours, compiling = losses_and_gradients(make, "on")
    for a, b in zip(ours, theirs):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-11)
    assert any(recording.layer is compiling.network.cell for recording in compiling.recordings) == compiled


def test_the_reason_is_a_view_that_is_returned():
    sentences: list = []
    network = Surrounded(of_results(add_one), lambda out, x: (out, x[:, :2]))
    compiling = Compiling(network, "on", "cpu", sentences.append)
    with compiling.active():
        network(paddle.ones([2, 3, 5, 5]))
    assert "returns a view" in compiling.layers[id(network.cell)].reason


@pytest.mark.parametrize("name", ["stem.weight", "branches.0.1.weight", "branches.3.2.weight", "branches.3.2._mean"])
def test_a_weight_that_is_changed_before_its_gradient_is_there_is_an_error_or_makes_no_difference(name):
    network, image = Mixed(), paddle.randn([4, 3, 6, 6])
    with Compiling(network, "on", "cpu", lambda sentence: None).active():
        for _ in range(2):
            expected = paddle.grad((network(image) ** 2).mean(), network.parameters(), allow_unused=True)
            loss = (network(image) ** 2).mean()
            with paddle.no_grad():
                add_one(network.state_dict()[name])
            try:
                found = paddle.grad(loss, network.parameters(), allow_unused=True)
            except Exception as error:
                assert "changed in place" in str(error)  # noqa: PT017
                continue
            for a, b in zip(found, expected):
                if a is not None:
                    np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-3, atol=1e-5)


def test_a_convolution_by_the_kernels_refuses_changed_images_as_paddles_does():
    weight = paddle.randn([4, 3, 3, 3])
    weight.stop_gradient = False
    x = paddle.ones([2, 3, 5, 5])
    loss = conv2d(x, weight).sum()
    add_one(x)
    with pytest.raises(Exception, match="changed in place after"):
        loss.backward()
    paddle.grad(conv2d(x, weight).sum(), [weight])
