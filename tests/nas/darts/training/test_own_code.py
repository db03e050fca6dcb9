import functools

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.training.own_code import compare_code, describe_code


def make_loss(factor):
    def loss(outputs, label):
        return (outputs - label).abs().mean() * factor

    return loss


class Weighted:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, outputs, label):
        return (outputs - label).mean() * self.factor

    def loss(self, outputs, label):
        return self(outputs, label)


class Doubled(Weighted):
    def __call__(self, outputs, label):
        return 2 * super().__call__(outputs, label)


class Net(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.linear = paddle.nn.Linear(1, 1)

    def forward(self, x):
        return self.linear(x)


class OtherNet(Net):
    def forward(self, x):
        return self.linear(x) + 1


def in_set(outputs, label):
    return outputs in {"one", "two", "three", "four"}


@pytest.mark.parametrize(
    ("make", "make_other"),
    [
        (lambda: make_loss(1), lambda: make_loss(2)),
        (lambda: make_loss(np.ones(2)), lambda: make_loss(np.zeros(2))),
        (lambda: make_loss(paddle.ones([2])), lambda: make_loss(paddle.zeros([2]))),
        (lambda: lambda o, label: o - label, lambda: lambda o, label: o + label),
        (lambda: lambda o, label, scale=1: o, lambda: lambda o, label, scale=2: o),
        (lambda: functools.partial(make_loss(1), label=1), lambda: functools.partial(make_loss(1), label=2)),
        (lambda: Weighted(1), lambda: Weighted(2)),
        (lambda: Weighted(1).loss, lambda: Weighted(2).loss),
        (lambda: Weighted(1), lambda: Doubled(1)),
        (Net, OtherNet),
        (lambda: paddle.nn.Sequential(Net()), lambda: paddle.nn.Sequential(OtherNet())),
    ],
)
def test_other_code_or_values_give_another_description(make, make_other):
    assert describe_code(make()) == describe_code(make())
    assert describe_code(make()) != describe_code(make_other())


def test_a_description_is_the_same_whatever_the_order_of_a_set_and_where_a_list_holds_itself():
    endless = [1]
    endless.append(endless)
    assert describe_code(functools.partial(in_set, label=endless))["name"] == "partial"
    assert describe_code({"one", "two", "three"}) == describe_code({"three", "two", "one"})


def test_weights_are_no_part_of_what_a_layer_is():
    net = Net()
    before = describe_code(net)
    net.linear.weight.set_value(net.linear.weight + 1)
    assert describe_code(net) == before


def test_functions_of_libraries_are_described_by_their_names():
    found = describe_code(paddle.nn.functional.mse_loss)
    assert found["name"] == "mse_loss"
    assert found["code"] != describe_code(paddle.nn.functional.l1_loss)["code"]


def test_a_change_is_said_by_name_and_another_python_alone_is_none():
    one, other, named = (describe_code(thing) for thing in (make_loss(1), make_loss(2), Weighted(1)))
    assert list(compare_code({"criterion": one}, {"criterion": other})) == [
        "criterion is still `loss`, but with other code or values"
    ]
    assert list(compare_code({"criterion": one}, {"criterion": named})) == [
        "criterion was `Weighted` and is `loss` now"
    ]
    assert list(compare_code({"unpack": one}, {"unpack": None})) == ["unpack was None and is `loss` now"]
    assert list(compare_code({"criterion": one}, {"criterion": {**other, "python": "3.1"}})) == []
    assert list(compare_code({"criterion": one, "unpack": None}, {})) == []


def test_objects_in_an_array_are_described_by_their_values():
    first, again, other = (functools.partial(print, np.array([{"a": v}, "b"], object)) for v in (1, 1, 2))
    assert describe_code(first) == describe_code(again) != describe_code(other)


def test_of_a_long_list_the_length_alone_is_compared():
    first, again, longer = (
        functools.partial(print, [value] * count) for value, count in ((0, 2000), (1, 2000), (1, 2001))
    )
    assert describe_code(first) == describe_code(again) != describe_code(longer)
