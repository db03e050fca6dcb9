import json
import os
import shutil
import subprocess
import sys

import pytest
from click.shell_completion import BashComplete

from paddleslim.nas.darts.__main__ import main
from paddleslim.nas.darts.data.datasets import DATASETS
from paddleslim.nas.darts.search_space.catalogue import SPACES


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working folder with runs, the searches older than the retrainings, and what is none."""
    settings = {
        "runs/search-a": {"command": "search"},
        "runs/retrain-a": {"command": "retrain"},
        "my-run": {"command": "retrain"},
        "runs/with blank": {"command": "retrain"},
        "runs/of-another": {"command": "other"},
        "runs/damaged": "{",
        "runs/a-list": [],
    }
    for age, (name, content) in enumerate(settings.items()):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "settings.json").write_text(content if content == "{" else json.dumps(content))
        os.utime(tmp_path / name, (age, age))
    (tmp_path / "exported").mkdir()
    (tmp_path / "exported" / "description.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def complete(*words):
    """Return what TAB offers after these words, as `(type, value)`."""
    found = BashComplete(main, {}, "it", "").get_completions(list(words[:-1]), words[-1])
    return [(item.type, item.value) for item in found]


def offered(*words):
    return [value for kind, value in complete(*words) if kind == "plain"]


@pytest.mark.parametrize("command", ["search", "retrain", "evaluate"])
def test_data_sets_are_offered_by_name_and_files_beside_them(command):
    before = [] if command == "search" else ["x"]
    assert complete(command, *before, "--data", "") == [("file", "./"), *(("plain", name) for name in DATASETS)]
    assert offered(command, *before, "--data", "cifar1") == ["cifar10", "cifar100"]
    assert complete(command, *before, "--data", "./pho") == [("file", "./pho")]


@pytest.mark.parametrize("words", [("search",), ("retrain", "x"), ("show", "x"), ("measure", "x")])
def test_search_spaces_are_offered_by_name(words):
    assert offered(*words, "--space", "") == list(SPACES)
    assert complete(*words, "--space", "mine.py") == [("file", "mine.py")]


def test_the_runs_of_a_command_are_offered_the_latest_first(folder):
    assert complete("evaluate", "") == [("plain", "my-run"), ("plain", "runs/retrain-a")]
    assert offered("export", "runs/") == ["runs/retrain-a"]
    assert offered("export", str(folder / "my")) == [str(folder / "my-run")]
    assert sorted(offered("predict", "")) == ["exported", "my-run", "runs/retrain-a"]
    assert offered("compare", "my-run", "runs/s") == ["runs/search-a"]
    assert offered("retrain", "")[:3] == ["DARTS_V1", "DARTS_V2", "PC_DARTS"]
    assert offered("retrain", "runs/s") == ["runs/search-a"]


def test_a_folder_that_is_not_there_offers_nothing(folder):
    assert complete("evaluate", "nowhere/") == [("dir", "nowhere/")]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_itself_completes_a_run(folder):
    environment = {**os.environ, "_IT_COMPLETE": "bash_source"}
    code = "from paddleslim.nas.darts.__main__ import main; main(prog_name='it')"
    source = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    it = folder / "it"
    it.write_text(f"#!{sys.executable}\n{code}\n")
    it.chmod(0o755)
    script = f"""
    compopt() {{ :; }}
    {source.stdout}
    COMP_WORDS=(it evaluate runs/) COMP_CWORD=2
    _it_completion {it}
    echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "runs/retrain-a"
