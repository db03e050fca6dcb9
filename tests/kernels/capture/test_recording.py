import contextlib

import paddle
import pytest
from paddle import nn
from paddle.nn import functional as F

from paddleslim.kernels.capture.guard import Guard
from paddleslim.kernels.capture.recording import Recorder
from paddleslim.kernels.capture.tape import NotCapturable
from tests.layers import Doubled


class Reversed(paddle.autograd.PyLayer):
    @staticmethod
    def forward(ctx, x):
        return x

    @staticmethod
    def backward(ctx, gradient):
        return -gradient


reverse = Reversed.apply  # taken before a recording begins
double = Doubled.apply

KEPT = []


def keep(x):
    y = F.relu(x)
    KEPT.append(y)
    return y + 1


def without_gradient(x):
    with paddle.no_grad():
        return x * 2


def stopped(x):
    y = x * 2
    y.stop_gradient = True
    return F.relu(y)


def changed_in_place(x):
    y = x * 2
    y[0] = 1.0
    return F.relu(y)


REFUSED = {
    "reads the values": [
        lambda x: x if x.mean() > 0 else -x,
        lambda x: x * float(x.max()),
        lambda x: x * x.max().numpy(),
        lambda x: x * x.sum().item(),
        lambda x: x * int(x.argmax()),
        lambda x: x * sum(x.flatten().tolist()),
    ],
    "PyLayer": [lambda x: Doubled.apply(x), lambda x: Reversed.apply(x)],
    "kept for later": [keep],
    "no_grad": [without_gradient],
    "changed after it was made": [stopped, lambda x: reverse(x * 2) + 1, lambda x: reverse(x * 2)],
    "under no_grad": [lambda x: double(x)],
    "changes a tensor": [changed_in_place, lambda x: F.relu_(x * 2), lambda x: (x * 2).add_(x)],
    "neither an operator nor": [lambda x: x * paddle.to_tensor([2.0])],
    "not tensors": [lambda x: {"x": x}],
}


class Around(nn.Layer):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def record(layer, images):
    return Recorder(Guard(layer).tensors, [images]).run(layer, images)


@pytest.mark.parametrize(
    ("reason", "function"), [(reason, function) for reason, functions in REFUSED.items() for function in functions]
)
def test_what_cannot_be_recorded_ends_with_the_reason(reason, function):
    images = paddle.randn([2, 3, 4, 4])
    images.stop_gradient = False
    with pytest.raises(NotCapturable, match=reason):
        record(Around(function), images)
    KEPT.clear()


def test_everything_is_as_before_behind_a_recording():
    before = dict(vars(paddle.Tensor)), dict(vars(paddle._C_ops)), paddle.matmul, paddle.autograd.PyLayer.apply
    for function in (F.relu, lambda x: Doubled.apply(x)):
        with contextlib.suppress(NotCapturable):
            record(Around(function), paddle.randn([2, 3]))
    assert (dict(vars(paddle.Tensor)), dict(vars(paddle._C_ops)), paddle.matmul) == before[:3]
    assert "apply" not in vars(paddle.autograd.PyLayer)


def test_parameters_are_leaves_and_calls_keep_their_order():
    layer = nn.Linear(3, 2)
    tape = record(layer, paddle.randn([4, 3]))
    assert [value.leaf is not None for value in tape.values].count(True) == 2
    assert [call.number for call in tape.calls] == list(range(len(tape.calls)))
