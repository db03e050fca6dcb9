import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import rich.console
from click.testing import CliRunner

from paddleslim.nas.darts.__main__ import main
from paddleslim.nas.darts.commands.judge import judge, print_verdict, settings_of
from paddleslim.nas.darts.commands.presets import COMMAND_DEFAULTS
from paddleslim.nas.darts.distributed import executor
from paddleslim.nas.darts.strategy.methods import METHODS
from paddleslim.nas.darts.truth import protocol
from paddleslim.nas.darts.truth.study import load_study, results_of
from paddleslim.nas.darts.truth.table import load_table
from paddleslim.nas.darts.truth.verdict import judge_searches
from tests.nas.darts.truth.conftest import brief, fashion  # noqa: F401


def run(*words):
    return CliRunner().invoke(judge, [str(word) for word in words])


def test_searches_become_a_table_a_picture_and_raw_results(tmp_path, fashion, brief, monkeypatch):  # noqa: F811
    monkeypatch.setattr(protocol, "PROTOCOL", brief)
    monkeypatch.setattr(executor, "choose_executor", lambda workers, scheduler: ThreadPoolExecutor(workers))
    folder = tmp_path / "judged"
    words = ["--method", "darts", "--method", "drnas", "--epochs", 1, "--folder", folder, "--data-dir", fashion]
    # as two jobs of an array do it, then the command that only reports
    for seed in (0, 1):
        found = run(*words, "--seeds", 1, "--seed", seed, "--workers", 1)
        assert found.exit_code == 0, found.output
    found = run(*words, "--seeds", 2, "--workers", 1)
    assert "4 searches, 4 of them there already" in found.output
    assert "Means of 2 searches" in found.output
    for name in ("darts", "drnas", "synflow", "Tau between two"):
        assert name in found.output
    raw = json.loads((folder / "judge.json").read_text())
    assert [search["seed"] for search in raw["methods"]["drnas"]["searches"]] == [0, 1]
    assert raw["settings"]["drnas"]["arch_learning_rate"] == 3e-4
    assert (folder / "judge.png").read_bytes()[:4] == b"\x89PNG"

    (folder / "drnas-1" / "result.json").unlink()
    found = run(*words[:-2], "--seeds", 20, "--no-search")
    assert found.exit_code == 0, found.output
    assert "1 of 20 seeds are complete" in found.output
    assert "Means of 1 search" in found.output
    found = CliRunner().invoke(main, ["judge", *map(str, words), "--no-search", "--budget", "16000"])
    assert "--budget is not that of the searches in" in found.output


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_the_settings_of_its_paper(method):
    assert settings_of(method).keys() >= {"learning_rate", "arch_learning_rate"}
    assert settings_of("fair-darts")["arch_betas"] == (0.9, 0.999)


def test_settings_of_the_search_command_take_the_place_of_the_papers():
    names = ("learning_rate", "weight_decay", "arch_learning_rate")
    assert settings_of("drnas", "search") == {name: COMMAND_DEFAULTS[name] for name in (*names, "arch_betas")}
    assert settings_of("drnas")["arch_learning_rate"] != COMMAND_DEFAULTS["arch_learning_rate"]
    changed = settings_of("drnas", "search", arch_learning_rate=0.01, epochs_no_archopt=3, budget=None)
    assert changed == {**settings_of("drnas", "search"), "arch_learning_rate": 0.01, "epochs_no_archopt": 3}


def test_options_that_do_not_go_together_are_refused(tmp_path):
    words = ["--method", "darts", "--folder", tmp_path / "judged"]
    both = CliRunner().invoke(main, ["judge", *map(str, words), "--scheduler", "tcp://127.0.0.1:9", "--workers", "2"])
    assert "--workers are processes on this machine; leave them out where a scheduler is given" in both.output
    assert "should end in .png" in run(*words, "--plot", "judge.txt").output
    assert not (tmp_path / "judged").exists()


def test_under_a_budget_the_table_shows_the_percentiles_within_it():
    found = {method: results[:1] for method, results in results_of(load_study()).items()}
    console = rich.console.Console(record=True, width=120)
    verdict = judge_searches(load_table(), {"darts": found["darts"]}, budget=16000)
    print_verdict(verdict, console)
    heading, row = (next(line for line in console.export_text(clear=False).splitlines() if word in line)
                    for word in ("same size", "most parameters"))  # fmt: skip
    assert heading.split()[:3] == ["method", "accuracy", "within"]
    assert row.split()[3] == f"{verdict['rules']['most parameters']['percentile_within']:.2f}"
