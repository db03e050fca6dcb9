"""DARTSearch on supernets written for Paddle 1.8, from a state that Paddle 1.8.5 saved, against its trajectories."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from paddleslim.nas.darts import Callback, DARTSearch

from .scripts import second_order, supernet

RECORDED = Path(__file__).parent / "recorded"
METHODS = {"darts": "DARTS", "pc_darts": "PC-DARTS"}


class States(Callback):
    """Keeps the state of the supernet after each epoch, as one vector."""

    def __init__(self):
        self.after = []

    def on_epoch_end(self, search, report):
        self.after.append(as_vector(search.model))


def as_vector(model):
    return np.concatenate([value.numpy().reshape(-1) for value in model.state_dict().values()])


def load_supernet(fluid, name):
    model = supernet.Network(METHODS[name])
    parameters, optimizer = fluid.load_dygraph(str(RECORDED / f"search_{name}"))
    assert optimizer is None
    model.set_dict(parameters)
    return model


@pytest.mark.parametrize(
    ("name", "order", "compile"),
    [(name, order, "off") for name in METHODS for order in ("first", "second")]
    + [("darts", "first", "on"), ("pc_darts", "second", "on")],
)
def test_a_search_follows_the_one_under_paddle_1_8(fluid, tmp_path, name, order, compile):
    model, states = load_supernet(fluid, name), States()
    start = as_vector(model)
    search = DARTSearch(
        model,
        *supernet.make_readers(METHODS[name], order),
        fluid.CPUPlace(),
        learning_rate=0.025,
        batchsize=8,
        num_imgs=64,
        arch_learning_rate=3e-3,
        unrolled=order == "second",
        num_epochs=2,
        save_dir=str(tmp_path),
        callbacks=[states],
        compile=compile,
    )
    search.train()
    assert bool(search.compiling.recordings) == (compile == "on")
    assert np.abs(states.after[1] - start).max() > 0.1
    with np.load(RECORDED / f"search_{name}.npz") as recorded:
        for epoch, state in enumerate(states.after):
            np.testing.assert_allclose(state, recorded[f"{order}{epoch}"], rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", list(METHODS))
def test_a_search_written_in_fluid_follows_the_one_under_paddle_1_8(fluid, name):
    model = load_supernet(fluid, name)
    readers = supernet.make_readers(METHODS[name], "second")
    states = second_order.search(model, *readers, learning_rate=0.025, arch_learning_rate=3e-3, steps=4, epochs=1)
    with np.load(RECORDED / f"search_{name}.npz") as recorded:
        state = np.concatenate([value.reshape(-1) for value in next(states).values()])
        np.testing.assert_allclose(state, recorded["second0"], rtol=0, atol=1e-5)


def test_a_state_of_paddle_1_8_has_the_names_of_a_state_here(fluid):
    model = supernet.Network("PC-DARTS")
    parameters, _ = fluid.load_dygraph(str(RECORDED / "search_pc_darts"), keep_name_table=True)
    own_names = parameters.pop("StructuredToParameterName@@")
    assert list(parameters) == list(model.state_dict())
    assert own_names == {key: value.name for key, value in model.state_dict().items()}
