from itertools import chain

import numpy as np
import paddle
import pytest
from paddle import nn

from paddleslim.kernels.capture.guard import Guard
from paddleslim.kernels.capture.plan import make_plan
from paddleslim.kernels.capture.recording import Recorder
from paddleslim.kernels.capture.running import run_plan
from paddleslim.kernels.capture.tape import merge

from .random_networks import draw_network


def capture(network, draw):
    guard = Guard(network)
    tapes = [Recorder(guard.tensors, [few]).run(network, few) for few in (draw(2), draw(3))]
    return make_plan(merge(*tapes, (2, 3)))


def run(function, network, images):
    """Return outputs, gradients of all parameters and of the images, and statistics; the latter are set back."""
    before = {name: value.numpy().copy() for name, value in network.state_dict().items()}
    images = images.clone().detach()
    images.stop_gradient = False
    outputs = function(images)
    weights = [p for p in network.parameters() if not p.stop_gradient]
    factor = paddle.to_tensor(np.cos(np.arange(outputs.size)).reshape(outputs.shape).astype(str(outputs.dtype)[7:]))
    gradients = paddle.grad((outputs * outputs * factor).sum(), [images, *weights], allow_unused=True)
    statistics = [value.numpy().copy() for value in network.state_dict().values() if value.stop_gradient]
    network.set_state_dict(before)
    return [outputs.numpy(), *(None if g is None else g.numpy() for g in gradients)], statistics


def assert_same(ours, theirs, tolerance):
    for a, b in zip(ours, theirs):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance * max(1.0, np.abs(b).max(initial=0.0)))


def passes(network, draw):
    """Yield the images, and what `run` returns for the network and for its plan, in both modes and for two batches."""
    for training in (True, False):
        network.train() if training else network.eval()
        state = {name: value.numpy().copy() for name, value in network.state_dict().items()}
        plan = capture(network, draw)
        network.set_state_dict(state)
        for batch in (1, 4):
            images = draw(batch)
            yield images, run(network, network, images), run(lambda x, plan=plan: run_plan(plan, [x]), network, images)


@pytest.mark.parametrize("seed", range(60))
def test_random_networks_are_captured_as_they_are(seed):
    for _, (theirs, moved), (ours, moved_by_ours) in passes(*draw_network(seed, "float64")):
        assert_same(ours, theirs, 1e-10)
        assert len(moved) > 0
        assert_same(moved_by_ours, moved, 1e-7)  # Paddle's momentum is of single precision


@pytest.mark.parametrize("seed", range(60, 72))
def test_in_single_precision_random_networks_are_as_exact_as_paddles_operators(seed):
    network, draw = draw_network(seed, "float32")
    exact_network = draw_network(seed, "float32")[0]
    exact_network.to(dtype="float64")
    exact_network.set_state_dict({n: v.astype("float64") for n, v in network.state_dict().items()})
    for images, theirs, ours in passes(network, draw):
        exact_network.train() if network.training else exact_network.eval()
        exact = run(exact_network, exact_network, images.astype("float64"))
        largest = max(size(c) for c in chain(*exact) if c is not None)
        for a, b, c in zip(chain(*ours), chain(*theirs), chain(*exact)):
            assert (a is None) == (b is None)
            if a is not None:  # norms of few numbers make more of roundings, of Paddle's as well as of ours
                assert size(a - c) <= 1e-5 * max(size(c), 0.01 * largest) + 10 * size(b - c)


def size(array):
    return np.abs(array).max(initial=0.0)


class TwoOutputs(nn.Layer):
    def __init__(self):
        super().__init__()
        self.parts = nn.LayerList(nn.Conv2D(3, 3, 3, padding=1) for _ in range(2))

    def forward(self, x):
        return self.parts[0](x), self.parts[1](x)


def test_an_output_that_the_loss_does_not_use_costs_no_gradient():
    network, images = TwoOutputs(), paddle.randn([4, 3, 5, 5])
    plan = capture(network, lambda batch: images[:batch])
    assert len(plan.segments) == 1
    for used in (0, 1):
        weights = [network.parts[used].weight, network.parts[1 - used].weight]
        theirs = paddle.grad((network(images)[used] ** 2).sum(), weights[:1])[0].numpy()
        ours = paddle.grad((run_plan(plan, [images])[used] ** 2).sum(), weights)
        np.testing.assert_allclose(ours[0].numpy(), theirs, rtol=1e-4, atol=1e-4)
        assert not ours[1].numpy().any()
