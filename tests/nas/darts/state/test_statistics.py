import numpy as np
import paddle
import pytest
from paddle import nn

from paddleslim.nas.darts.state.parameters import places_of_statistics
from paddleslim.nas.darts.state.snapshots import PassState
from paddleslim.nas.darts.state.statistics import Statistics


class Network(nn.Layer):
    def __init__(self):
        super().__init__()
        self.parts = nn.LayerList([nn.BatchNorm2D(2), nn.Sequential(nn.Conv2D(2, 2, 1), nn.BatchNorm2D(2))])
        self.register_buffer("counter", paddle.zeros([1], "int64"))


def add_a_layer(network):
    network.parts.append(nn.BatchNorm2D(3))


def replace_a_layer(network):
    network.parts[1][1] = nn.BatchNorm2D(2)


def replace_a_buffer(network):
    network.counter = paddle.ones([1], "int64")


def replace_a_buffer_in_its_place(network):
    network._buffers["counter"] = paddle.ones([1], "int64")


def rename_a_buffer(network):
    network._buffers["number"] = network._buffers.pop("counter")


def add_a_buffer(network):
    network.parts[1][0].register_buffer("scale", paddle.ones([1]))


def remove_a_layer(network):
    del network.parts[1]


def freeze_a_weight(network):
    network.parts[1][0].weight.stop_gradient = True


def replace_all_buffers(network):
    network._buffers = {"other": paddle.zeros([2])}


CHANGES = (
    add_a_layer, replace_a_layer, replace_a_buffer, replace_a_buffer_in_its_place, rename_a_buffer, add_a_buffer,
    remove_a_layer, freeze_a_weight, replace_all_buffers,
)  # fmt: skip


def described(places):
    return [(id(holder), name, id(tensor)) for holder, name, tensor in places]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_places_are_found_again_after_any_change(change):
    network = Network()
    statistics = Statistics(network)
    before = described(statistics.places())
    change(network)
    assert described(statistics.places()) == described(places_of_statistics(network)) != before


def test_places_are_found_once_as_long_as_nothing_changes():
    statistics = Statistics(Network())
    assert statistics.places() is statistics.places()
    assert statistics.lists() is statistics.lists()


@pytest.mark.parametrize("change", ["values", "another type", "another tensor"])
def test_a_state_of_known_places_is_restored_bit_for_bit(change):
    network = Network()
    statistics = Statistics(network)
    PassState(network, statistics)
    if change == "another type":
        network.to(dtype="float64")
    names = {name: value for name, value in network.state_dict().items() if "_mean" in name or name == "counter"}
    for value in names.values():
        value.set_value(paddle.full(value.shape, 3, value.dtype))
    state = PassState(network, statistics)
    before = {name: (value.numpy(), value.dtype) for name, value in names.items()}
    for value in names.values():
        value.set_value(paddle.full(value.shape, 5, value.dtype))
    if change == "another tensor":
        network.counter = paddle.full([1], 9, "int64")
    state.restore()
    after = network.state_dict()
    for name, (value, dtype) in before.items():
        np.testing.assert_array_equal(after[name].numpy(), value)
        assert after[name].dtype == dtype
