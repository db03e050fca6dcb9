"""How many of Paddle's operators a forward pass calls: what it costs where launching them takes the time."""

import paddle
import pytest
from paddle import profiler

from paddleslim.kernels import functional
from paddleslim.nas.darts.search_space import DARTSSupernet, NASBench201Supernet, PCDARTSSupernet, cell
from paddleslim.nas.darts.search_space.operations import build_operation

from . import plain, plain_201


def operator_calls(supernet):
    """Return how many operators a forward pass calls."""
    image = paddle.randn([1, 3, 16, 16])
    watcher = profiler.Profiler(targets=[profiler.ProfilerTarget.CPU], on_trace_ready=lambda _: None)
    with paddle.no_grad():
        supernet(image)  # makes what later passes find made
        watcher.start()
        supernet(image)
        watcher.stop()
    calls, waiting = 0, list(watcher.profiler_result.get_data().values())
    while waiting:
        event = waiting.pop()
        if event.name.endswith(" dygraph"):  # a call from Python; what it calls in turn is part of it
            calls += 1
        else:
            waiting += event.children_node
    return calls


def darts():
    return DARTSSupernet(4), plain.PlainSupernet(4, 10, 8)


def pc_darts():
    return PCDARTSSupernet(4), plain.PlainSupernet(4, 10, 8, parts=4)


def nas_bench_201():
    fast = NASBench201Supernet(2)
    return fast, plain_201.PlainSupernet201(fast)


@pytest.fixture
def operators(monkeypatch):
    """Leave all to Paddle's operators, the oracle's average pooling, too."""
    for module in (cell, functional):
        monkeypatch.setattr(module, "usable", lambda *tensors: False)
    for module in (plain, plain_201):
        monkeypatch.setattr(module, "ExactAveragePool", lambda stride: build_operation("avg_pool_3x3", 0, stride))


@pytest.mark.parametrize(("make_pair", "ratio"), [(darts, 4.4), (pc_darts, 4.2), (nas_bench_201, 2.3)])
def test_the_fast_form_calls_a_fraction_of_the_operators(operators, make_pair, ratio):
    fast, edge_by_edge = make_pair()
    assert operator_calls(fast) * ratio < operator_calls(edge_by_edge)
