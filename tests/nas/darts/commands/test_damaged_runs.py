"""Every file of a run, damaged: a sentence, a fall-back or the same result, and nothing else."""

import json
import pathlib
import pickle
import random
import shutil

import numpy as np
import pytest
from click.testing import CliRunner

from paddleslim.nas.darts.__main__ import main
from paddleslim.nas.darts.predict import load_trained
from paddleslim.nas.darts.state.sealed_json import SEAL
from paddleslim.nas.darts.state.weights_file import read_weights, write_weights

SMALL = "--epochs 1 --channels 2 --layers 1 --limit 50 --batch-size 8".split()


def invoke(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A search `found`, its retraining `trained`, and the export of that, `exported`; and images to predict."""
    folder = tmp_path_factory.mktemp("runs")
    np.save(folder / "images.npy", np.random.default_rng(0).normal(size=(2, 1, 8, 8)))
    for arguments in (
        ["search", *SMALL, "--steps", 1, "--save-dir", folder / "found"],
        ["retrain", folder / "found", *SMALL, "--save-dir", folder / "trained"],
        ["export", folder / "trained", "--output", folder / "exported"],
    ):
        result = invoke(*arguments)
        assert result.exit_code == 0, result.output
    return folder


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


def damage(content, rng):
    """Return the bytes with a bit flipped, cut off, with a part left out, or with others in the place of a part."""
    kind, place = rng.randrange(4), rng.randrange(len(content))
    if kind == 0:
        return content[:place] + bytes([content[place] ^ 1 << rng.randrange(8)]) + content[place + 1 :]
    if kind == 1:
        return content[:place]
    end = min(len(content), place + rng.randrange(1, 64))
    return content[:place] + (b"" if kind == 2 else rng.randbytes(end - place)) + content[end:]


def is_a_sentence(result):
    """Whether a command refused in one sentence."""
    return isinstance(result.exception, SystemExit) and "Error: " in result.output and "Traceback" not in result.output


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


def test_a_training_that_was_cut_off_is_told_by_whatever_uses_its_network(runs, tmp_path, capsys):
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
        assert sentence in result.output + result.stderr, arguments
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


def test_a_transform_of_the_search_that_is_not_taken_over_is_told(runs, tmp_path):
    shutil.copytree(runs / "found", tmp_path / "found")
    settings = json.loads((tmp_path / "found" / "settings.json").read_text())
    settings.pop(SEAL)
    settings["transform"] = "/elsewhere/mine.py:flip"
    (tmp_path / "found" / "settings.json").write_text(json.dumps(settings))
    result = invoke("retrain", tmp_path / "found", *SMALL, "--save-dir", tmp_path / "trained")
    assert result.exit_code == 0, result.output
    assert "repeat --transform /elsewhere/mine.py:flip" in result.output + result.stderr


class Touch:
    """A pickle that makes a file where it is read by `pickle.load`."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return pathlib.Path.touch, (self.path,)


COMMANDS = ("predict", "evaluate", "export", "show", "retrain", "resume")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", ["a pickle for weights", "a space", "a transform"])
def test_a_foreign_run_runs_nothing(command, kind, runs, tmp_path, monkeypatch):
    shutil.copytree(runs, tmp_path / "foreign")
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path / "mine")
    run, mark = tmp_path / "foreign" / "trained", tmp_path / "it ran"
    if kind == "a pickle for weights":
        (run / "network.safetensors").unlink()
        (run / "network.pdparams").write_bytes(pickle.dumps({"stem": Touch(mark)}))
    else:
        evil = run / "evil.py"
        evil.write_text(f"import pathlib\npathlib.Path({str(mark)!r}).touch()\nX = None\n")
        settings = json.loads((run / "settings.json").read_text())
        settings.pop(SEAL)
        settings["space" if kind == "a space" else "transform"] = f"{evil}:X"
        (run / "settings.json").write_text(json.dumps(settings))
    result = {
        "predict": lambda: invoke("predict", run, runs / "images.npy"),
        "evaluate": lambda: invoke("evaluate", run),
        "export": lambda: invoke("export", run, "--output", tmp_path / "out"),
        "show": lambda: invoke("show", run),
        "retrain": lambda: invoke("retrain", run, *SMALL, "--save-dir", tmp_path / "again"),
        "resume": lambda: invoke("retrain", "--resume", "--save-dir", run),
    }[command]()
    assert not mark.exists()
    assert result.exit_code == 0 or is_a_sentence(result), (result.output, result.exception)
    if kind == "a space":
        assert result.exit_code != 0
