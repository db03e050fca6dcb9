"""DARTSearch against recorded searches: PaddleSlim 1.1 in first order, an exact float64 program in second order."""

import json
import pathlib

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import DARTSearch
from tests.supernets import DocumentedSupernet

DATA = pathlib.Path(__file__).parents[3] / "data"
TOLERANCE = 5e-6  # both programs in float32


def search_as_recorded(recording, save_dir):
    """Run the recorded search; return the state dict after each epoch, as `DARTSearch` saved it."""
    config = json.loads(str(recording["config"]))
    steps, epochs = config.pop("steps"), config.pop("epochs")
    model = DocumentedSupernet()
    model.set_state_dict({k[5:]: paddle.to_tensor(v) for k, v in recording.items() if k.startswith("init/")})

    def reader(part):
        return lambda: ((recording[f"{part}/image"][i], recording[f"{part}/label"][i]) for i in range(steps))

    DARTSearch(
        model, reader("train"), reader("valid"), paddle.CPUPlace(), num_epochs=epochs, save_dir=str(save_dir), **config
    ).train()
    return [paddle.load(str(save_dir / str(epoch) / "params.pdparams")) for epoch in range(epochs)]


@pytest.mark.parametrize("name", ["supernet_first_order", "supernet_second_order_paper"])
def test_every_parameter_follows_the_recorded_trajectory(name, tmp_path):
    recording = dict(np.load(DATA / f"{name}.npz"))
    states = search_as_recorded(recording, tmp_path)
    assert len(states) == 3
    for epoch, state in enumerate(states):
        assert len(state) == 6
        for parameter, value in state.items():
            np.testing.assert_allclose(
                np.asarray(value), recording[f"epoch{epoch}/{parameter}"], rtol=0, atol=TOLERANCE, err_msg=parameter
            )


def test_the_recordings_distinguish_the_two_orders(tmp_path):
    recording = dict(np.load(DATA / "supernet_first_order.npz"))
    paper = np.load(DATA / "supernet_second_order_paper.npz")
    state = search_as_recorded(recording, tmp_path)[0]
    assert np.abs(state["alphas_normal"].numpy() - paper["epoch0/alphas_normal"]).max() > 5e-4
