import types

import numpy as np
import paddle
from paddle import nn

from paddleslim.kernels.capture.guard import Guard

FACTOR = 2.0
TABLE = {"rate": [1, 2]}


class Network(nn.Layer):
    gain = 1.0

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(2, 2), nn.Linear(2, 2)
        self.rate, self.steps, self.options = 0.1, [1, [2, 3]], types.SimpleNamespace(drop=0.0)
        self.mask = np.ones(3)
        self.table = paddle.ones([2])

    def forward(self, x):
        return self.second(self.first(x)) * FACTOR * helper() * self.gain


def helper():
    return TABLE["rate"][0]


def changes():
    """Yield a name and a function that changes what a pass may depend on."""
    yield "an attribute", lambda n: setattr(n, "rate", 0.2)
    yield "a new attribute", lambda n: setattr(n, "other", 1)
    yield "a number in a list", lambda n: n.steps[1].append(4)
    yield "an attribute of an object", lambda n: setattr(n.options, "drop", 0.5)
    yield "a number of an array", lambda n: n.mask.__setitem__(0, 5.0)
    yield "another tensor", lambda n: setattr(n, "table", paddle.zeros([2]))
    yield "another parameter", lambda n: setattr(n.first, "weight", n.first.create_parameter([2, 2]))
    yield "another layer", lambda n: setattr(n, "second", nn.Linear(2, 2))
    yield "the mode of a layer", lambda n: n.second.eval()
    yield "a hook", lambda n: n.first.register_forward_post_hook(lambda *_: None)
    yield "a name of the class", lambda n: setattr(Network, "gain", 3.0)
    yield "a name of the module", lambda n: globals().__setitem__("FACTOR", 4.0)
    yield "what a function of the module names", lambda n: TABLE["rate"].append(1)
    yield "the default type", lambda n: paddle.set_default_dtype("float64")


def test_a_guard_sees_every_change():
    missed = []
    for name, change in changes():
        network = Network()
        guard = Guard(network)
        assert guard.broken() is None
        try:
            change(network)
            missed += [name] if guard.broken() is None else []
        finally:
            globals()["FACTOR"], Network.gain = 2.0, 1.0
            TABLE["rate"][:] = [1, 2]
            paddle.set_default_dtype("float32")
    assert missed == []


def test_values_of_parameters_are_no_change():
    network = Network()
    guard = Guard(network)
    with paddle.no_grad():
        network.first.weight.set_value(paddle.zeros([2, 2]))
    assert guard.broken() is None


def test_the_change_is_named():
    network = Network()
    guard = Guard(network)
    network.rate = 0.3
    assert guard.broken() == "`Network.rate`"
