"""Folders of runs that somebody made to do harm: nothing runs, and the answer is a sentence that shows no more."""

import json
import pathlib
import pickle
import shutil

import pytest

from paddleslim.nas.darts.predict import load_trained
from paddleslim.nas.darts.state.sealed_json import SEAL
from tests.damage import limited
from tests.nas.darts.commands.small_runs import SMALL, invoke, is_a_sentence

STEERING = "\x1b]0;title\x07\x1b[2J"
MARKUP = f"<script>alert(1)</script>[bold]x[/bold]{STEERING}$\\frac$"


class Touch:
    """A pickle that makes a file where it is read by `pickle.load`."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return pathlib.Path.touch, (self.path,)


def forge(path, **entries):
    """Change entries of a JSON file, which then has no checksum, as if people had written it."""
    content = json.loads(path.read_text())
    content.pop(SEAL, None)
    path.write_text(json.dumps({**content, **entries}))


COMMANDS = {
    "predict": lambda run, out: invoke("predict", run, out / "runs" / "images.npy"),
    "evaluate": lambda run, out: invoke("evaluate", run),
    "export": lambda run, out: invoke("export", run, "--output", out / "exported anew"),
    "show": lambda run, out: invoke("show", run, "--picture", out / "cells.svg"),
    "compare": lambda run, out: invoke("compare", run, "--plot", out / "plot.svg"),
    "retrain": lambda run, out: invoke("retrain", run, *SMALL, "--save-dir", out / "again"),
    "resume": lambda run, out: invoke("retrain", "--resume", "--save-dir", run),
}


@pytest.fixture
def foreign(runs, tmp_path, monkeypatch):
    """A folder of one's own to work in, beside it `runs` of somebody else."""
    shutil.copytree(runs, tmp_path / "runs")
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path / "mine")
    return tmp_path / "runs"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", ["a pickle for weights", "a space", "a transform", "a genotype"])
def test_a_foreign_run_runs_nothing(command, kind, foreign, tmp_path):
    run, mark = foreign / "trained", tmp_path / "it ran"
    if kind == "a pickle for weights":
        (run / "network.safetensors").unlink()
        (run / "network.pdparams").write_bytes(pickle.dumps({"stem": Touch(mark)}))
    elif kind == "a genotype":
        code = f"__import__('pathlib').Path({str(mark)!r}).touch()"
        (run / "genotype.json").write_text(json.dumps(f"Genotype(normal={code}, normal_concat=[2], reduce=[])"))
    else:
        evil = run / "evil.py"
        evil.write_text(f"import pathlib\npathlib.Path({str(mark)!r}).touch()\nX = None\n")
        forge(run / "settings.json", **{"space" if kind == "a space" else "transform": f"{evil}:X"})
    result = COMMANDS[command](run, tmp_path)
    assert not mark.exists()
    assert result.exit_code == 0 or is_a_sentence(result), (result.output, result.exception)
    if kind == "a genotype" or (kind == "a space" and command != "compare"):
        assert result.exit_code != 0


def test_a_space_that_a_run_names_runs_from_the_own_working_folder_alone(foreign, tmp_path, monkeypatch):
    code = "import pathlib\npathlib.Path({!r}).touch()\nfrom paddleslim.nas.darts.search_space import SPACES\n"
    found, mark = foreign / "found", tmp_path / "it ran"
    for place in (tmp_path / "mine", foreign, found):
        (place / "space.py").write_text(code.format(str(mark)) + "X = SPACES['darts']\n")
    for place, runs in ((tmp_path / "mine", True), (foreign, False), (found, False)):
        mark.unlink(missing_ok=True)
        forge(found / "settings.json", space=f"{place / 'space.py'}:X")
        result = invoke("show", found)
        assert (result.exit_code == 0, mark.exists()) == (runs, runs), result.output
    monkeypatch.chdir(found)  # a folder that is somebody else's is none to work in, yet its own code does not run
    assert invoke("show", found).exit_code != 0
    assert not mark.exists()
    assert invoke("show", found, "--space", f"{found / 'space.py'}:X").exit_code == 0
    assert mark.exists()


HUGE = 10**8


@pytest.mark.parametrize(
    ("file", "entries"),
    [
        ("trained/settings.json", {"channels": HUGE}),
        ("trained/settings.json", {"layers": HUGE}),
        ("trained/settings.json", {"image_shape": [HUGE, 1, 1], "mean": [0] * 9, "std": [1] * 9}),
        ("trained/settings.json", {"image_shape": [1, HUGE, HUGE]}),
        ("trained/settings.json", {"preparation": {"height": HUGE, "width": HUGE, "channels": 1}}),
        ("exported/description.json", {"preparation": {"height": HUGE, "width": HUGE, "channels": 1}}),
        ("exported/description.json", {"input": {"shape": [None, 1, HUGE, HUGE]}}),
        ("exported/description.json", {"output": {"classes": ["one"]}}),
        ("trained/genotype.json", {"normal_concat": [-HUGE]}),
        ("found/settings.json", {"channels": HUGE}),
        ("found/settings.json", {"class_names": "abc"}),
    ],
)
def test_sizes_that_cannot_be_take_no_memory(file, entries, foreign, tmp_path):
    forge(foreign / file, **entries)
    run = (foreign / file).parent
    command = "show" if run.name == "found" else "predict"
    with limited():
        result = COMMANDS[command](run, tmp_path)
    assert is_a_sentence(result), (result.output, result.exception)


def test_an_export_reads_no_file_but_its_own(foreign, tmp_path):
    exported, other = foreign / "exported", tmp_path / "other"
    shutil.copytree(exported, other)
    files = {f"{other}/model.json": "0", "../other/model.pdiparams": "0"}
    forge(exported / "description.json", files=files)
    with pytest.raises(ValueError, match=r"holds no checksums of the model"):
        load_trained(exported)
    forge(exported / "description.json", files={**files, "model.pdiparams": "0"})
    with pytest.raises(ValueError, match=r"exported/model\.\w+ is damaged, or not the model that was exported"):
        load_trained(exported)


def test_names_of_classes_and_runs_are_shown_as_they_are(foreign, tmp_path):
    names = [f"{MARKUP} {number}" for number in range(10)]
    for run in ("trained", "exported"):
        output = {"output": {"classes": names}} if run == "exported" else {"class_names": names}
        forge(next((foreign / run).glob("[sd]e*.json")), **output)
        result = COMMANDS["predict"](foreign / run, tmp_path)
        assert result.exit_code == 0, result.output
        assert "\x1b" not in result.output
        assert "\x07" not in result.output
    strange = foreign / MARKUP.replace("/", "")
    shutil.copytree(foreign / "found", strange)
    for command in ("show", "compare"):
        result = COMMANDS[command](strange, tmp_path)
        assert result.exit_code == 0, (result.output, result.exception)
        assert "\x1b" not in result.output
    forge(strange / "settings.json", space="/x\x1b[2J.py:X")
    result = COMMANDS["show"](strange, tmp_path)
    assert is_a_sentence(result)
    assert "\x1b" not in result.output
    assert "\\x1b[2J" in result.output
