"""Every file of a run, damaged: a sentence, a fall-back or the same result, and nothing else."""

import json
import random
import shutil

import pytest

from paddleslim.nas.darts.predict import load_trained
from paddleslim.nas.darts.state.sealed_json import SEAL
from paddleslim.nas.darts.state.weights_file import read_weights, write_weights
from tests.damage import damage
from tests.nas.darts.commands.small_runs import SMALL, invoke, is_a_sentence


def predict(runs, name):
    return invoke("predict", runs / name, runs / "images.npy", "--format", "json")


READ_BY = {
    "trained/settings.json": lambda runs: predict(runs, "trained"),
    "trained/genotype.json": lambda runs: predict(runs, "trained"),
    "trained/network.safetensors": lambda runs: predict(runs, "trained"),
    "exported/description.json": lambda runs: predict(runs, "exported"),
    "exported/model.pdiparams": lambda runs: predict(runs, "exported"),
    "found/settings.json": lambda runs: invoke("show", runs / "found"),
    "found/genotype.json": lambda runs: invoke("show", runs / "found"),
    "found/history.json": lambda runs: invoke("compare", runs / "found", "--plot", runs / "plot.svg"),
    "trained/result.json": lambda runs: invoke("compare", runs / "trained", "--plot", runs / "plot.svg"),
}


@pytest.mark.parametrize("name", READ_BY)
def test_a_damaged_file_gives_a_sentence_or_the_same_result(name, runs, tmp_path):
    shutil.copytree(runs, tmp_path, dirs_exist_ok=True)
    path, rng = tmp_path / name, random.Random(name)
    content, sound = path.read_bytes(), READ_BY[name](tmp_path)
    assert sound.exit_code == 0, sound.output
    refused = 0
    for _ in range(34):
        path.write_bytes(damage(content, rng))
        result = READ_BY[name](tmp_path)
        if result.exit_code == 0:
            assert result.output == sound.output
        else:
            refused += 1
            assert is_a_sentence(result), (path.read_bytes(), result.output, result.exception)
    assert refused > 20


def test_a_model_of_another_release_is_not_read_unchecked(runs, tmp_path):
    shutil.copytree(runs / "exported", tmp_path, dirs_exist_ok=True)
    description = json.loads((tmp_path / "description.json").read_text())
    for name in (SEAL, "files"):
        description.pop(name)
    (tmp_path / "description.json").write_text(json.dumps(description))
    with pytest.raises(ValueError, match="holds no checksums of the model, as an older release wrote it"):
        load_trained(tmp_path)


def test_whatever_uses_the_network_of_an_unfinished_training_gives_a_warning(runs, tmp_path, capsys):
    shutil.copytree(runs, tmp_path, dirs_exist_ok=True)
    network, sentence = tmp_path / "trained" / "network.safetensors", "was cut off after 0 of 1 epochs"
    arrays, _ = read_weights(network)
    write_weights(network, {name: Array(array) for name, array in arrays.items()}, epochs=0)
    for arguments in (
        ["evaluate", tmp_path / "trained"],
        ["predict", tmp_path / "trained", tmp_path / "images.npy"],
        ["export", tmp_path / "trained", "--output", tmp_path / "short"],
        ["predict", tmp_path / "short", tmp_path / "images.npy"],
    ):
        result = invoke(*arguments)
        assert result.exit_code == 0, result.output
        assert sentence in result.output, arguments
    capsys.readouterr()
    for folder in ("trained", "short"):
        load_trained(tmp_path / folder)
        assert sentence in capsys.readouterr().err
    assert sentence not in predict(tmp_path, "exported").output


class Array:
    """An array as a tensor is asked for its own."""

    def __init__(self, array):
        self.array = array

    def numpy(self):
        return self.array


def test_a_transform_of_the_search_that_is_not_taken_over_gets_a_note(runs, tmp_path):
    shutil.copytree(runs / "found", tmp_path / "found")
    settings = json.loads((tmp_path / "found" / "settings.json").read_text())
    settings.pop(SEAL)
    settings["transform"] = "/elsewhere/mine.py:flip"
    (tmp_path / "found" / "settings.json").write_text(json.dumps(settings))
    result = invoke("retrain", tmp_path / "found", *SMALL, "--save-dir", tmp_path / "trained")
    assert result.exit_code == 0, result.output
    assert "repeat --transform /elsewhere/mine.py:flip" in result.output
