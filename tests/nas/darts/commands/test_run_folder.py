import io
import os
import pathlib

import click
import numpy as np
import paddle
import pytest
import rich.console
from click.testing import CliRunner

from paddleslim.nas.darts.__main__ import main
from paddleslim.nas.darts.commands.run_folder import (
    logged_to,
    name_run,
    require_empty,
    require_new,
    seed_everything,
)
from paddleslim.nas.darts.state.run_lock import locked
from paddleslim.nas.darts.training.log import logger, signals_logger


def test_a_run_without_a_folder_is_named_by_command_data_and_time():
    name = name_run("search", "/data/photos.npz")
    assert name.parent == pathlib.Path("runs")
    assert name.name.startswith("search-photos-20")


def test_a_folder_that_is_new_or_empty_may_be_used(tmp_path):
    require_empty(tmp_path)
    require_empty(tmp_path / "new")
    (tmp_path / "file").write_text("")
    with pytest.raises(click.UsageError, match="is not empty"):
        require_empty(tmp_path)


def test_ranks_of_somebodys_launcher_begin_beside_what_others_write_but_never_in_a_run(tmp_path, monkeypatch):
    monkeypatch.setenv("PADDLE_TRAINERS_NUM", "2")
    (tmp_path / "checkpoints-rank1").mkdir()
    require_new(tmp_path)
    (tmp_path / "settings.json").write_text("{}")
    with pytest.raises(click.UsageError, match="holds a run; add --resume, or name another --save-dir"):
        require_new(tmp_path)
    monkeypatch.setenv("PADDLE_TRAINER_ID", "1")  # which may come after rank 0 has begun
    require_new(tmp_path)
    monkeypatch.delenv("PADDLE_TRAINERS_NUM")
    with pytest.raises(click.UsageError, match="is not empty"):
        require_new(tmp_path)


@pytest.mark.parametrize(
    ("option", "arguments"),
    [
        ("--picture", "show DARTS_V2 --picture {run}/genotype.png"),
        ("--plot", "compare {run} --plot {run}/genotype.png"),
        ("--report", "compare {run} --report {run}/report.html"),
        ("--output", "compare {run} --json --output {run}/history.json"),
        ("--output", "predict {run} {images} --format csv --output {run}/network.safetensors"),
        ("--output", "predict {run} {images} --format csv --output {exported}/model.pdiparams"),
        ("--output", "predict {run} {images} --format csv --output {images}"),
        ("--plot", "judge --method darts --plot {run}/genotype.png"),
        ("FILE", "measure {run}/settings.json"),
        ("FILE", "measure {found}/0/genotype.json"),
        ("--output", "export {run} --output {run}"),
        ("--save-dir", "search --save-dir {run}"),
    ],
)
def test_no_option_overwrites_what_a_run_has_written(option, arguments, runs):
    places = {"run": runs / "trained", **{name: runs / name for name in ("found", "exported")}}
    before = {path: path.stat().st_mtime_ns for path in runs.rglob("*") if path.is_file()}
    result = run(*arguments.format(images=runs / "images.npy", **places).split())
    assert result.exit_code == 2, result.output
    assert f"name another {option}, so that nothing is overwritten" in " ".join(result.output.split())
    assert {path: path.stat().st_mtime_ns for path in runs.rglob("*") if path.is_file()} == before


def test_the_same_seed_gives_the_same_numbers():
    draws = []
    for _ in range(2):
        seed_everything(2**33 + 1)
        draws.append((float(paddle.rand([])), np.random.rand()))
    assert draws[0] == draws[1]


def test_lines_go_to_the_file_and_then_where_they_went_before(tmp_path):
    before = list(logger.handlers)
    with logged_to(tmp_path / "deep" / "search.log"):
        logger.info("on the way")
    assert logger.handlers == before
    assert (tmp_path / "deep" / "search.log").read_text().endswith("INFO: on the way\n")


def test_what_is_done_about_a_signal_is_printed_as_well(tmp_path):
    console = rich.console.Console(file=io.StringIO(), width=20)
    with logged_to(tmp_path / "search.log", console):
        logger.warning("a virtual epoch")
        signals_logger.warning("SIGINT: [finishing] this step, then saving")
    assert console.file.getvalue() == "SIGINT: [finishing] this step, then saving\n"
    lines = (tmp_path / "search.log").read_text().splitlines()
    assert [line.partition(": ")[2] for line in lines] == ["a virtual epoch", console.file.getvalue().strip()]
    assert signals_logger.handlers == []


SMALL = "--epochs 1 --channels 2 --layers 1 --limit 50 --batch-size 8".split()


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.mark.parametrize("command", [["search"], ["retrain", "DARTS_V2"]], ids=lambda command: command[0])
def test_a_command_changes_nothing_in_a_folder_that_another_one_has_begun_to_use(command, tmp_path, monkeypatch):
    # both have found the folder empty
    monkeypatch.setattr(f"paddleslim.nas.darts.commands.{command[0]}.require_new", lambda folder: None)
    with locked(tmp_path, 0, 1, pytest.fail):
        result = run(*command, *SMALL, "--save-dir", tmp_path)
        assert result.exit_code != 0
        assert f"in use by process {os.getpid()}" in result.output + str(result.exception)
        assert [path.name for path in tmp_path.iterdir()] == [".run.lock"]


def test_an_evaluation_beside_a_training_is_printed_and_leaves_its_folder_alone(tmp_path):
    assert run("retrain", "DARTS_V2", *SMALL, "--save-dir", tmp_path).exit_code == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    with locked(tmp_path, 0, 1, pytest.fail):
        result = run("evaluate", tmp_path, "--limit", 50)
        assert result.exit_code == 0
        assert f"is in use by process {os.getpid()}" in result.output
        assert "test accuracy" in result.output
        assert {name: (tmp_path / name).read_bytes() for name in before} == before
        assert not (tmp_path / "evaluations.json").exists()
    assert run("evaluate", tmp_path, "--limit", 50).exit_code == 0
    assert (tmp_path / "evaluations.json").is_file()
