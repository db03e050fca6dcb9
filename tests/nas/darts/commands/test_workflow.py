"""The commands one after the other, as a user types them."""

import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import paddle
import pytest
from click.testing import CliRunner

from paddleslim.nas.darts import DARTS_V2
from paddleslim.nas.darts.__main__ import main
from paddleslim.nas.darts.data import load_dataset
from paddleslim.nas.darts.report import read_recording

ROOT = pathlib.Path(__file__).parents[4]
FASHION = [
    pathlib.Path(folder)
    for folder in (
        os.environ.get("FASHION_MNIST_DIR", ""),
        ROOT / ".cache" / "fashion-mnist",
        "/usr/share/datasets/fashion-mnist",
    )
]
SMALL_SEARCH = ["--epochs", "1", "--channels", "4", "--layers", "3", "--steps", "2"]


def run(*arguments, folder=None, limit=None):
    """Run a command in a process of its own; `limit` is the size of the largest file it may write, in bytes."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", "paddleslim.nas.darts", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=folder,
        env=environment,
        preexec_fn=limit and (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))),
    )


def succeed(*arguments):
    """Run a command in this process, which must end well; return what it printed."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result.output


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """The folder of a search on digits, `found`, and of its retraining, `trained`, made by the real commands."""
    folder = tmp_path_factory.mktemp("digits")
    searched = run("search", *SMALL_SEARCH, "--save-dir", folder / "found")
    assert searched.returncode == 0, searched.stderr
    assert "Genotype(normal=[" in searched.stdout
    brief = ["--layers", 3, "--channels", 12, "--epochs", 12, "--batch-size", 32]
    trained = run("retrain", folder / "found", *brief, "--save-dir", folder / "trained")
    assert trained.returncode == 0, trained.stderr
    for process in (searched, trained):
        assert "Warning" not in process.stderr
    return folder


def test_a_retrained_network_reads_98_of_100_held_out_digits(digits):
    assert read(digits / "trained" / "result.json")["test_accuracy"] >= 0.98


def test_a_run_leaves_what_the_documentation_says(digits):
    found = {path.name for path in (digits / "found").iterdir()}
    assert found >= {"genotype.json", "genotype.png", "history.json", "search.log", "settings.json", "0"}
    trained = {path.name for path in (digits / "trained").iterdir()}
    assert trained == {
        *("genotype.json", "genotype.png", "history.json", "network.safetensors"),
        *("report.html", "result.json", "retrain.log", "settings.json", "checkpoints"),
    }
    assert read(digits / "trained" / "genotype.json") == read(digits / "found" / "genotype.json")
    log = (digits / "trained" / "retrain.log").read_text()
    assert "Train Epoch 0, Step 0, loss" in log
    assert "Epoch 11, valid_acc" in log


def test_an_evaluation_finds_the_accuracy_of_the_training_again(digits):
    before = read(digits / "trained" / "result.json")
    output = succeed("evaluate", digits / "trained")
    assert read(digits / "trained" / "result.json") == before
    after = read(digits / "trained" / "evaluations.json")["evaluations"][-1]
    for key in ("test_accuracy", "test_loss", "parameters", "multiply_adds", "test_images"):
        assert after[key] == pytest.approx(before[key], rel=1e-5)
    assert f"{after['test_accuracy']:.2%} of 359 images" in output
    assert f"in {digits / 'trained' / 'report.html'}" in output.replace("\n", " ")
    assert "<h2>Evaluations</h2>" in (digits / "trained" / "report.html").read_text(encoding="utf-8")
    assert after["latency_seconds"] > 0


def test_an_export_is_a_model_that_reads_images_as_they_lie(digits, tmp_path):
    output = succeed("export", digits / "trained", "--output", tmp_path / "model")
    assert "Paddle: logits differ by" in output
    model = paddle.jit.load(str(tmp_path / "model" / "model"))
    model.eval()
    test = load_dataset("digits").test
    logits = model(paddle.to_tensor(test.image)).numpy()
    accuracy = read(digits / "trained" / "result.json")["test_accuracy"]
    assert (logits.argmax(1) == test.label).mean() == pytest.approx(accuracy)
    description = read(tmp_path / "model" / "description.json")
    assert description["input"]["shape"] == [None, 1, 8, 8]
    assert description["output"]["classes"] == [str(digit) for digit in range(10)]


def test_onnx_gives_the_same_logits_in_onnxruntime(digits, tmp_path):
    skip_without_onnx()
    output = succeed("export", digits / "trained", "--onnx", "--output", tmp_path / "model")
    assert "ONNX: logits differ by" in output
    import onnxruntime

    session = onnxruntime.InferenceSession(str(tmp_path / "model" / "model.onnx"), providers=["CPUExecutionProvider"])
    test = load_dataset("digits").test
    logits = session.run(None, {"image": test.image})[0]
    accuracy = read(digits / "trained" / "result.json")["test_accuracy"]
    assert (logits.argmax(1) == test.label).mean() == pytest.approx(accuracy)


def skip_without_onnx():
    from paddleslim.nas.darts.networks.export import check_onnx_packages

    try:
        check_onnx_packages()
    except ImportError as error:
        pytest.skip(str(error))


def test_runs_are_compared_in_a_table_and_a_plot(digits, tmp_path):
    output = succeed("compare", digits / "found", digits / "trained", "--plot", tmp_path / "plot.svg")
    assert output.startswith(f"2 runs: data digits, space darts, in {digits}\n")
    rows = [line.split() for line in output.splitlines() if line.startswith((" found", " trained"))]
    assert [row[:3] for row in rows] == [["found", "0", "1"], ["trained", "0", "12"]]
    result = read(digits / "trained" / "result.json")
    assert rows[1][4:6] == [f"{result['test_accuracy']:.2%}", f"{result['parameters']:,}"]
    assert "<svg" in (tmp_path / "plot.svg").read_text()


def test_a_search_is_shown_as_the_network_of_its_own_size(tmp_path):
    (tmp_path / "genotype.json").write_text(DARTS_V2.to_json())
    (tmp_path / "settings.json").write_text('{"command": "search", "space": "darts", "channels": 8, "layers": 4}')
    assert "4 cells from 8 channels" in succeed("show", tmp_path)
    assert "4 cells from 16 channels" in succeed("show", tmp_path, "--channels", 16)


def test_a_genotype_is_shown_with_what_it_costs(digits, tmp_path):
    output = succeed("show", digits / "trained", "--picture", tmp_path / "cells.png")
    result = read(digits / "trained" / "result.json")
    assert f"parameters             {result['parameters']:,}" in output
    assert f"multiply-adds (FLOPs)  {result['multiply_adds']:,} an image" in output
    assert (tmp_path / "cells.png").stat().st_size > 5000
    assert "3,349,342" in succeed("show", "DARTS_V2", "--preset", "cifar")


def test_many_seeds_are_searched_retrained_and_picked_by_validation(tmp_path, monkeypatch):
    # a thread in place of a process, which would take its time to import Paddle
    choose = "paddleslim.nas.darts.distributed.executor.choose_executor"
    monkeypatch.setattr(choose, lambda workers, scheduler: ThreadPoolExecutor(1))
    options = [*SMALL_SEARCH, "--limit", 200, "--batch-size", 32]
    output = succeed(
        "search", *options, "--seeds", 2, "--random-cells", 2, "--brief-epochs", 1, "--save-dir", tmp_path / "many"
    )
    results = read(tmp_path / "many" / "seeds.json")["cells"]
    assert [(r["kind"], r["seed"]) for r in results] == [("searched", 0), ("searched", 1), ("random", 0), ("random", 1)]
    best = max(results[:2], key=lambda r: r["accuracy"])
    pick = tmp_path / "many" / f"seed-{best['seed']}"
    assert read(tmp_path / "many" / "genotype.json") == read(pick / "genotype.json")
    mean, spread = np.mean([r["accuracy"] for r in results[2:]]), np.std([r["accuracy"] for r in results[2:]], ddof=1)
    assert f"random: {mean:.2%} ± {spread:.2%} of 2" in output
    assert f"Picked the cell of seed {best['seed']}" in output
    for result in results[:2]:
        seen = read_recording(tmp_path / "many" / f"seed-{result['seed']}" / "recording.json").about["random"]
        assert seen == {"own": result["accuracy"], "random": [r["accuracy"] for r in results[2:]]}
        assert "random cells" in (tmp_path / "many" / f"seed-{result['seed']}" / "report.html").read_text()

    # as if it had been killed in the second search: what is there is kept, the rest is done, with the same result
    before = (tmp_path / "many" / "seeds.json").read_text()
    for name in ("seeds.json", "genotype.json", "seed-1/history.json", "seed-1/checkpoints/0001-00000000.safetensors"):
        (tmp_path / "many" / name).unlink(missing_ok=True)
    shutil.rmtree(tmp_path / "many" / "retrain-random-1")
    kept = (tmp_path / "many" / "seed-0" / "history.json").stat().st_mtime_ns
    succeed("search", "--resume", "--save-dir", tmp_path / "many")
    assert (tmp_path / "many" / "seeds.json").read_text() == before
    assert (tmp_path / "many" / "seed-0" / "history.json").stat().st_mtime_ns == kept

    table = succeed("compare", tmp_path / "many", "--plot", tmp_path / "many.png")
    assert "seed-0" in table
    assert "seed-1" in table
    assert str(read(tmp_path / "many" / "genotype.json")["normal"][0][0]) in succeed("show", tmp_path / "many")
    succeed("retrain", tmp_path / "many", "--epochs", 1, "--channels", 4, "--layers", 2, "--save-dir", tmp_path / "out")


def test_a_random_cell_is_retrained_by_the_same_command(tmp_path):
    options = ["--limit", 100, "--epochs", 1, "--channels", 4, "--layers", 2, "--space", "s2", "--seed", 3]
    succeed("retrain", "random", *options, "--save-dir", tmp_path / "random")
    succeed("evaluate", tmp_path / "random")
    operations = {name for name, _ in read(tmp_path / "random" / "genotype.json")["normal"]}
    assert operations <= {"skip_connect", "sep_conv_3x3"}


def test_the_benchmark_goes_the_same_way(tmp_path):
    options = ["--epochs", 1, "--channels", 4, "--layers", 1, "--limit", 100, "--batch-size", 16]
    output = succeed("search", "--space", "nas-bench-201", *options, "--save-dir", tmp_path / "found")
    assert "~0|+|" in output
    succeed("retrain", tmp_path / "found", "--epochs", 1, "--layers", 1, "--save-dir", tmp_path / "trained")
    succeed("export", tmp_path / "trained")
    assert read(tmp_path / "trained" / "settings.json")["space"] == "nas-bench-201"


@pytest.mark.skipif(not any(f.name and f.is_dir() for f in FASHION), reason="the files of Fashion-MNIST are not there")
def test_fashion_goes_the_same_way(tmp_path):
    files = next(f for f in FASHION if f.name and f.is_dir())
    data = ["--data", "fashion-mnist", "--data-dir", files, "--limit", 300]
    succeed("search", *SMALL_SEARCH, *data, "--batch-size", 32, "--save-dir", tmp_path / "found")
    options = ["--epochs", 5, "--layers", 3, "--channels", 8, "--batch-size", 16]
    succeed("retrain", tmp_path / "found", *options, "--save-dir", tmp_path / "trained")
    output = succeed("evaluate", tmp_path / "trained")
    assert "of 60 images" in output
    assert read(tmp_path / "trained" / "result.json")["test_accuracy"] > 0.4
    succeed("export", tmp_path / "trained")
    assert "Ankle boot" in (tmp_path / "trained" / "export" / "description.json").read_text()


def test_a_disk_that_is_full_ends_a_training_with_a_sentence(tmp_path):
    options = ["--epochs", 1, "--channels", 24, "--layers", 3, "--limit", 100]
    failed = run("retrain", "DARTS_V2", *options, "--save-dir", tmp_path / "run", limit=150_000)
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
    assert failed.stderr.startswith("Error: ")
    assert "MB could not be saved (File too large)" in failed.stderr


def test_a_disk_that_is_full_ends_an_export_with_a_sentence(digits, tmp_path):
    failed = run("export", digits / "trained", "--output", tmp_path / "model", limit=20_000)
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
    assert "Error: " in failed.stderr
