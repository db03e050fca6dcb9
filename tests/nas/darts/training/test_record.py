"""Checkpoints that were changed and signed again: resumed from, or refused in one sentence that names them."""

import random

import numpy as np
import pytest

from paddleslim.nas.darts.state.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from paddleslim.nas.darts.training.record import check_record
from tests.damage import alter_json
from tests.searches import make_search


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The name of the checkpoint of a search of one epoch, and what it holds."""
    folder = tmp_path_factory.mktemp("saved")
    make_search(folder, num_epochs=1).train()
    (path,) = (folder / "checkpoints").glob("*.safetensors")
    return path.name, read_checkpoint(path)


def resume(folder, saved, arrays=None, record=None):
    """Resume from a changed checkpoint alone; return the message of its refusal, None where it was taken."""
    name, checkpoint = saved
    arrays = checkpoint.arrays if arrays is None else arrays
    record = checkpoint.record if record is None else record
    write_checkpoint(folder / "checkpoints" / name, Checkpoint(arrays, record, checkpoint.run))
    message = None
    try:
        make_search(folder, num_epochs=2).train(resume=True)
    except ValueError as error:
        message = str(error)
    assert message is None or (name in message and "\n" not in message)
    return message


@pytest.mark.parametrize("seed", range(16))
def test_a_changed_record_is_refused_by_name_or_taken(seed, saved, tmp_path):
    resume(tmp_path, saved, record=alter_json(saved[1].record, random.Random(seed)))


CHANGES = {
    "missing": lambda array: None,
    "of another shape": lambda array: np.zeros([3, 3], array.dtype),
    "of another type": lambda array: array.astype("int32"),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", ["model/norm.weight", "weights/norm.weight/velocity", "alphas/alphas/moment1"])
def test_a_changed_array_is_refused_by_name(name, change, saved, tmp_path):
    arrays = {**saved[1].arrays, name: CHANGES[change](saved[1].arrays[name])}
    message = resume(tmp_path, saved, {name: array for name, array in arrays.items() if array is not None})
    assert message is not None


@pytest.mark.parametrize("name", ["model/other", "weights/other/velocity", "other/one"])
def test_an_array_of_nothing_is_refused_by_name(name, saved, tmp_path):
    assert resume(tmp_path, saved, {**saved[1].arrays, name: np.zeros(2)}) is not None


def test_epochs_without_their_reports_are_refused(saved):
    state = saved[1].record["loop"]
    check_record(state)
    with pytest.raises(ValueError, match=r"`loop` is at epoch 2, step 0, and has reports of the epochs \[0\]"):
        check_record({**state, "epoch": 2})
    with pytest.raises(ValueError, match=r"`loop\.history\[0\]\.steps` must be a whole number, got 'x'"):
        check_record({**state, "history": [{**state["history"][0], "steps": "x"}]})
