import os
import pathlib
import subprocess
import sys

import pytest

from paddleslim.nas.darts import Genotype
from paddleslim.nas.darts.commands.launch import find_reason, is_noise
from paddleslim.nas.darts.state.sealed_json import read_object

ROOT = pathlib.Path(__file__).parents[4]
SMALL = "--epochs 1 --channels 1 --layers 3 --steps 1 --limit 60 --batch-size 8 --space s2".split()


def search(folder, *options):
    return run("search", folder, *SMALL, *options)


def run(name, folder, *options):
    command = [sys.executable, "-m", "paddleslim.nas.darts", name, "--save-dir", str(folder), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, env=environment, cwd=folder.parent, capture_output=True, text=True, timeout=240)


def test_a_search_of_two_processes_is_started_by_the_command_line(tmp_path):
    done = search(tmp_path / "run", "--nproc", "2")
    assert done.returncode == 0, done.stderr + done.stdout
    genotype = Genotype.from_json((tmp_path / "run" / "genotype.json").read_text())
    assert str(genotype) in done.stdout
    assert "Epoch 0, train_acc" in (tmp_path / "run" / "search.log").read_text()
    assert "epoch" not in (tmp_path / "run" / "logs" / "workerlog.1").read_text()


def test_a_retraining_of_two_processes_is_started_by_the_command_line(tmp_path):
    options = "PC_DARTS --nproc 2 --data-parallel --epochs 1 --channels 1 --layers 1 --limit 60 --batch-size 8".split()
    done = run("retrain", tmp_path / "run", *options)
    assert done.returncode == 0, done.stderr + done.stdout
    found = read_object(tmp_path / "run" / "result.json")
    assert f"{found['test_accuracy']:.2%}" in done.stdout
    assert "Epoch 0, valid_acc" in (tmp_path / "run" / "retrain.log").read_text()
    assert "epoch" not in (tmp_path / "run" / "logs" / "workerlog.1").read_text()
    checkpoints = {path.parent.name: path.name for path in (tmp_path / "run").glob("checkpoints*/*")}
    assert sorted(checkpoints) == ["checkpoints", "checkpoints-rank1"]


def test_the_mistake_that_every_process_finds_is_said_in_one_sentence(tmp_path):
    done = search(tmp_path / "run", "--nproc", "2", "--batch-size", "4000")
    assert done.returncode == 1
    assert "--batch-size must be between 1 and the 30 images there are, got 4000" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_many_seeds_in_many_processes_are_refused(tmp_path):
    done = search(tmp_path / "run", "--nproc", "2", "--seeds", "2")
    assert done.returncode == 2
    assert "use it without --seeds" in done.stderr


@pytest.mark.parametrize(
    ("line", "noise"),
    [
        ("I1123 12:43:14.795305 12273 tcp_store.cc:336] create", True),
        ("FLAGS(name='FLAGS_enable_pir_in_executor', current_value=True)", True),
        ("========== Modified FLAGS detected ==========", True),
        ("epoch   1/2  lr 0.0250", False),
        ("Error: batchsize must be", False),
        ("", False),
    ],
)
def test_lines_of_paddles_runtime_are_distinguished_from_those_of_a_search(line, noise):
    assert is_noise(line) is noise


def test_the_reason_is_that_of_the_process_that_failed_first(tmp_path):
    logs = tmp_path / "logs"
    logs.mkdir()
    assert find_reason(logs) == "a process ended without a word, perhaps killed"
    (logs / "workerlog.0").write_text("FatalError: `Termination signal` is detected by the operating system.\n")
    (logs / "workerlog.1").write_text("fine\nRuntimeError: torn\n\nError Message Summary:\n")
    assert find_reason(logs) == "rank 1 failed: RuntimeError: torn"
    (tmp_path / "failed-rank-1.txt").write_text("rank 1 of 2 failed first: OSError: disk\n")
    assert find_reason(logs) == "rank 1 of 2 failed first: OSError: disk"


def test_a_run_that_a_signal_to_one_process_has_stopped_says_so(tmp_path):
    (tmp_path / "workerlog.0").write_text("Stopped, and saved. Resume: paddleslim-darts search\n")
    assert "has stopped all of them after a step, and the run is saved" in find_reason(tmp_path)
