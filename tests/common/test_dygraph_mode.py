"""After `paddle.enable_static()` every entry says what to do, and a guard of fluid computes as it did in Paddle 1.8."""

import contextlib

import numpy as np
import paddle
import pytest
from click.testing import CliRunner

import paddleslim_fluid_hook  # noqa: F401 - gives `paddle.fluid`
from paddleslim.nas.darts import DARTS_V2, Architect, DARTSearch
from paddleslim.nas.darts.__main__ import main
from paddleslim.nas.darts.networks import measure
from paddleslim.nas.darts.networks.build import build_network
from paddleslim.nas.darts.retrain import Retraining, RetrainSettings
from paddleslim.nas.darts.search_space import DARTSSupernet, NASBench201Supernet
from paddleslim.nas.darts.training.device import on_device
from tests.supernets import DocumentedSupernet, random_batches

BATCHES = random_batches(1, samples=2)


@contextlib.contextmanager
def static_graphs():
    paddle.enable_static()
    try:
        yield
    finally:
        paddle.disable_static()


def test_every_entry_names_the_remedy(tmp_path):
    supernet = DocumentedSupernet()
    made = DARTSearch(supernet, BATCHES, BATCHES, "cpu", batchsize=2, num_imgs=4, save_dir=tmp_path)
    network = build_network(DARTS_V2, [1, 8, 8], 10)
    entries = [
        lambda: DARTSSupernet(channels=2, layers=1),
        lambda: NASBench201Supernet(channels=2, layers=1),
        lambda: build_network(DARTS_V2, [1, 8, 8], 10),
        lambda: build_network("|none~0|+|none~0|nor_conv_3x3~1|+|none~0|none~1|skip_connect~2|", [1, 8, 8], 10),
        lambda: DARTSearch(supernet, BATCHES, BATCHES, "cpu", save_dir=tmp_path),
        made.train,
        lambda: made.valid_one_epoch(BATCHES, 0),
        lambda: Retraining(network, BATCHES, BATCHES, RetrainSettings(epochs=1)),
        lambda: Architect(supernet, 0.1, 0.1, False),
        lambda: measure.evaluate(network, BATCHES),
        lambda: measure.count_parameters(network),
        lambda: measure.count_multiply_adds(network, [1, 8, 8]),
        lambda: on_device("cpu").__enter__(),  # where predictions are made
        lambda: paddle.fluid.dygraph.Linear(1, 1),
        lambda: paddle.fluid.dygraph.to_variable(np.ones(1)),
    ]
    with static_graphs():
        for entry in entries:
            with pytest.raises(RuntimeError, match=r"call paddle.disable_static\(\) first$"):
                entry()
        result = CliRunner().invoke(main, ["doctor"])
    assert result.exit_code == 1
    assert result.output.startswith("Error: paddle.enable_static() was called")


def test_a_guard_of_fluid_computes_and_leaves_static_graphs_as_they_were():
    with static_graphs():
        with paddle.fluid.dygraph.guard():
            out = paddle.fluid.dygraph.Linear(2, 1)(paddle.fluid.dygraph.to_variable(np.ones([1, 2], "float32")))
            assert out.numpy().shape == (1, 1)
        assert not paddle.in_dynamic_mode()
