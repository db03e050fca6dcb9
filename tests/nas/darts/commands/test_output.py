"""What commands print for programs and for people, and what they say before a run and after a signal."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import click
import pytest

from paddleslim.common.log_helper import package_logger
from paddleslim.nas.darts.__main__ import main
from paddleslim.nas.darts.commands.output import output_options
from tests.nas.darts.report.pages import Page
from tests.separate import separate_runner

ROOT = pathlib.Path(__file__).parents[4]
SMALL = ["--epochs", "1", "--channels", "4", "--layers", "3", "--steps", "2", "--limit", "100", "--batch-size", "16"]


def run(*arguments):
    result = separate_runner().invoke(main, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a search, `found`, and of a retraining of its genotype, `trained`; what both printed as JSON."""
    folder = tmp_path_factory.mktemp("output")
    options = ["--tensorboard", "--language", "zh", "--json"]
    searched = run("search", *SMALL, *options, "--save-dir", folder / "found").stdout
    sizes = ["--epochs", 1, "--channels", 4, "--layers", 2, "--batch-size", 16]
    trained = run(
        "retrain",
        folder / "found",
        *sizes,
        *options[:1],
        "--language",
        "zh_cn",
        "--json",
        "--save-dir",
        folder / "trained",
    ).stdout
    (folder / "search.json").write_text(searched)
    (folder / "retrain.json").write_text(trained)
    return folder


def test_json_is_all_that_a_search_and_a_retraining_print(folder):
    searched = json.loads((folder / "search.json").read_text())
    assert searched["folder"] == str(folder / "found")
    assert searched["genotype"].startswith("Genotype(normal=[")
    history = json.loads((folder / "found" / "history.json").read_text())["epochs"]
    assert searched["last_epoch"]["valid_accuracy"] == history[-1]["valid_accuracy"]
    trained = json.loads((folder / "retrain.json").read_text())
    result = json.loads((folder / "trained" / "result.json").read_text())
    assert trained["test_accuracy"] == result["test_accuracy"]


@pytest.mark.parametrize("name", ["found", "trained"])
def test_the_report_is_in_the_language_that_was_asked_for(folder, name):
    assert '<html lang="zh-CN"' in (folder / name / "report.html").read_text(encoding="utf-8")


def test_the_reports_hold_what_the_network_costs_and_the_next_command(folder):
    result = json.loads((folder / "trained" / "result.json").read_text())
    words = Page((folder / "trained" / "report.html").read_text(encoding="utf-8")).words
    for word in (f"{result['parameters']:,}", f"paddleslim-darts export {folder / 'trained'}", "混淆矩阵"):
        assert word in words, word
    assert f"{result['test_accuracy']:.2%}" in words
    recording = json.loads((folder / "found" / "recording.json").read_text())
    assert recording["about"]["next"] == f"paddleslim-darts retrain {folder / 'found'}"
    assert sum(map(sum, recording["about"]["classes"]["counts"].values())) in range(95, 106)
    shown = json.loads(run("show", folder / "found", "--json").stdout)
    found = {name: shown[name] for name in ("parameters", "multiply_adds")}
    assert recording["about"]["network"] == found


def test_show_speaks_chinese(folder):
    words = run("show", "DARTS_V2", "--language", "zh_cn").stdout
    assert "作为 8 个单元、起始 16 个通道的网络，图像为 3 x 32 x 32：" in words
    assert "参数量                 246,106" in words


@pytest.mark.parametrize("name", ["found", "trained"])
def test_the_events_of_a_run_are_read_by_the_format_s_own_messages(folder, name):
    pytest.importorskip("tensorboardX", reason="tensorboardX is an extra")
    from tensorboardX.proto import event_pb2

    from tests.nas.darts.report.test_dashboards import split_records

    (log,) = (folder / name / "tensorboard").iterdir()
    events = [event_pb2.Event.FromString(record) for record in split_records(log.read_bytes())]
    values = {value.tag: value.simple_value for event in events for value in event.summary.value}
    history = json.loads((folder / name / "history.json").read_text())["epochs"]
    assert values["epoch/train_loss"] == pytest.approx(history[-1]["train_loss"], rel=1e-6)
    assert any(tag.startswith("strength/normal/") for tag in values) == (name == "found")


def test_every_command_that_measures_prints_json(folder, tmp_path):
    evaluated = json.loads(run("evaluate", folder / "trained", "--json").stdout)
    assert evaluated["test_images"] == 20
    exported = json.loads(run("export", folder / "trained", "--output", tmp_path / "model", "--json").stdout)
    assert exported["logits_differ_by"]["Paddle"] < 1e-3
    assert "description.json" in exported["files"]
    shown = json.loads(run("show", folder / "trained", "--json").stdout)
    assert shown["parameters"] == evaluated["parameters"]
    sheet = ["--sheet", tmp_path / "sheet.html"]
    assert json.loads(run("data", "digits", *sheet, "--json").stdout)["counts"]["train"]["0"] == 142
    costs = json.loads(run("measure", tmp_path / "costs.json", "--channels", 4, "--layers", 3, "--json").stdout)
    assert costs["of"] == "flops"


def test_quiet_prints_nothing_but_errors(folder, tmp_path):
    result = run("evaluate", folder / "trained", "--quiet")
    assert result.stdout + result.stderr == ""
    assert json.loads(run("evaluate", folder / "trained", "--quiet", "--json").stdout)["test_images"] == 20
    failed = separate_runner().invoke(main, ["show", "DARTS_V4", "--quiet"])
    assert failed.exit_code == 2
    assert "DARTS_V4" in failed.stderr


def test_many_seeds_with_few_images_print_their_cells_as_json(tmp_path):
    options = [*SMALL, "--seeds", 2, "--brief-epochs", 1, "--json", "--quiet", "--save-dir", tmp_path / "many"]
    found = json.loads(run("search", *options).stdout)
    assert [(cell["kind"], cell["seed"]) for cell in found["cells"]] == [("searched", 0), ("searched", 1)]
    assert found["pick"] in (0, 1)


def test_what_cannot_be_retrained_is_refused_before_the_first_search(tmp_path, monkeypatch):
    from paddleslim.nas.darts.commands import seeds

    def refuse(*_, **__):
        raise ValueError("these images are too small for the network")

    monkeypatch.setattr(seeds, "prepare_retraining", refuse)
    result = separate_runner().invoke(main, ["search", *SMALL, "--seeds", "2", "--save-dir", str(tmp_path / "many")])
    assert result.exit_code == 1
    assert "these images are too small" in result.stderr
    assert not (tmp_path / "many").exists()


def test_a_run_that_a_signal_ends_says_how_it_is_resumed(tmp_path):
    command = [sys.executable, "-m", "paddleslim.nas.darts", "search", *SMALL, "--epochs", "1000"]
    process = subprocess.Popen(
        [*command, "--save-dir", "cut", "--quiet"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (tmp_path / "cut" / "0" / "params.pdparams").exists() and process.poll() is None:
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    out, errors = process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    assert out == ""
    assert errors == "Stopped, and saved. Resume: paddleslim-darts search --resume --save-dir cut\n"


def test_a_quiet_command_prints_errors_of_the_log_alone():
    @click.command()
    @output_options
    def talk(out):
        logger = package_logger("paddleslim.talk")
        logger.info("a line")
        logger.warning("a warning")
        logger.error("an error")

    for words, expected in (["--quiet"], ["an error"]), ([], ["a line", "a warning", "an error"]):
        lines = separate_runner().invoke(talk, words).stderr.splitlines()
        assert [line.partition(": ")[2] for line in lines] == expected


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--learning-rate", "nan"], "nan is not a finite number"),
        (["--budget", "inf"], "inf is not a finite number"),
        (["--transform", "mine.py"], "'mine.py' should be FILE.py:NAME"),
        (["--transform", "nothing.py:mine"], "there is no file nothing.py"),
    ],
)
def test_numbers_that_are_none_and_functions_that_are_not_there_are_refused_as_options(words, sentence):
    result = separate_runner().invoke(main, ["search", *words])
    assert result.exit_code == 2
    assert sentence in " ".join(result.stderr.split())
