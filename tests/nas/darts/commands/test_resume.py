import json
import signal
from concurrent.futures import ThreadPoolExecutor

import click
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from paddleslim.nas.darts.__main__ import main
from paddleslim.nas.darts.commands.search import search
from paddleslim.nas.darts.distributed import executor
from paddleslim.nas.darts.report.log_lines import SearchLines
from paddleslim.nas.darts.state.checkpoint import read_checkpoint
from paddleslim.nas.darts.state.sealed_json import write_object

SMALL = "--epochs 2 --channels 2 --layers 1 --steps 1 --limit 100 --batch-size 8 --checkpoint-steps 1".split()


def run(*arguments):
    return CliRunner().invoke(search, [str(argument) for argument in arguments])


def run_interrupted(folder, step, monkeypatch):
    """Run a search that gets a SIGTERM at this step of its second epoch."""
    tell = SearchLines.on_step_end

    def send(self, searcher, report):
        tell(self, searcher, report)
        if (report.phase, report.epoch, report.step) == ("Train", 1, step):
            signal.raise_signal(signal.SIGTERM)

    with monkeypatch.context() as patch:
        patch.setattr(SearchLines, "on_step_end", send)
        return run(*SMALL, "--save-dir", folder)


def last_record(folder):
    checkpoint = read_checkpoint(sorted((folder / "checkpoints").glob("*.safetensors"))[-1])
    arrays = {name: array.tobytes() for name, array in checkpoint.arrays.items()}
    return arrays, checkpoint.record


def test_a_search_resumes_from_the_command_line_bit_for_bit(tmp_path, monkeypatch):
    assert run(*SMALL, "--save-dir", tmp_path / "through").exit_code == 0
    stopped = run_interrupted(tmp_path / "stopped", 2, monkeypatch)
    assert stopped.exit_code == 128 + signal.SIGTERM
    assert not (tmp_path / "stopped" / "genotype.json").exists()
    resumed = run("--resume", "--save-dir", tmp_path / "stopped")
    assert resumed.exit_code == 0, resumed.output
    assert last_record(tmp_path / "stopped") == last_record(tmp_path / "through")
    for name in ("genotype.json", "history.json"):
        assert (tmp_path / "stopped" / name).read_text() == (tmp_path / "through" / name).read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--resume"], "--resume needs --save-dir, the folder of the run to resume"),
        (["--resume", "--save-dir", "{}/none"], "holds no run to resume: No such file or directory"),
        (["--resume", "--save-dir", "{}", "--channels", "7"], "--channels was 2 in"),
        (["--resume", "--save-dir", "{}", "--seeds", "2"], "--seeds was 1 in"),
    ],
)
def test_what_cannot_resume_is_refused_in_a_sentence(arguments, message, tmp_path):
    (tmp_path / "settings.json").write_text(json.dumps({"command": "search", "channels": 2, "seeds": 1}))
    result = run(*(argument.format(tmp_path) for argument in arguments))
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


@pytest.mark.parametrize("many", [{"seeds": 2}, {"random_cells": 1}])
def test_many_searches_cannot_be_given_more_epochs_since_complete_ones_stay(many, tmp_path):
    (tmp_path / "settings.json").write_text(json.dumps({"command": "search", "epochs": 2, **many}))
    result = run("--resume", "--save-dir", tmp_path, "--epochs", 3)
    assert result.exit_code == 2
    assert "--epochs was 2 in" in " ".join(result.output.split())


OPTIONS = [option for option in search.params if option.name not in ("save_dir", "config", "preset", "data_dir")]
LETTERS = st.characters(codec="utf-8", min_codepoint=1)  # no argument of a program holds a 0
TEXTS = st.text(LETTERS, max_size=8) | st.integers().map(str) | st.floats().map(str)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(OPTIONS), TEXTS, TEXTS), min_size=1, max_size=4))
def test_any_arguments_are_taken_or_refused_in_a_sentence(chosen):
    arguments = []
    for option, *values in chosen:
        arguments += [option.opts[0], *([] if option.is_flag else values[: option.nargs])]
    try:
        context = search.make_context("search", arguments)
    except click.UsageError:
        return
    for option in OPTIONS:
        kind, value = option.type, context.params[option.name]
        if isinstance(kind, click.IntRange) and value is not None:
            assert value >= kind.min


RESUME = "Stopped. Resume: paddleslim-darts {} --resume --save-dir {}"


@pytest.mark.parametrize(
    ("arguments", "function", "said"),
    [
        ("search --save-dir {}", "run_search.run_search", RESUME.format("search", "{}")),
        ("search --seeds 2 --save-dir {}", "seeds.run_seeds", RESUME.format("search", "{}")),
        ("search --nproc 2 --save-dir {}", "search.launch", RESUME.format("search", "{}")),
        ("retrain DARTS_V2 --save-dir {}", "run_retraining.run_retraining", RESUME.format("retrain", "{}")),
        (
            "judge --method darts --folder {}",
            "truth.searches.search_all",
            "Stopped. Resume: give the same command again",
        ),
        ("search --estimate --save-dir {}", "run_search.estimate_search", "Stopped."),
        ("show DARTS_V2", "show.find_genotype", "Stopped."),
    ],
)
@pytest.mark.parametrize("has_begun", [True, False])
def test_a_ctrl_c_exits_with_130_and_says_how_to_resume_what_has_begun(
    arguments, function, said, has_begun, tmp_path, monkeypatch
):
    folder = tmp_path / "run"

    def interrupt(*_, **__):
        if has_begun:
            write_object(folder / "settings.json", {})
        raise KeyboardInterrupt

    package = "paddleslim.nas.darts." if function.startswith("truth") else "paddleslim.nas.darts.commands."
    monkeypatch.setattr(package + function, interrupt)
    monkeypatch.setattr(executor, "choose_executor", lambda workers, scheduler: ThreadPoolExecutor(1))
    result = CliRunner().invoke(main, arguments.format(folder).split())
    assert result.exit_code == 128 + signal.SIGINT
    last = result.output.splitlines()[-1]
    assert last == (said.format(folder) if has_begun or "--save-dir" not in said else "Stopped.")
