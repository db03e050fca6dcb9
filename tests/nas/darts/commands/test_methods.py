"""Methods and budgets on the command line, from costs to a report."""

import json

import pytest
from click.testing import CliRunner

from paddleslim.nas.darts.commands.measure import measure
from paddleslim.nas.darts.commands.search import search
from paddleslim.nas.darts.networks.costs import Costs

SMALL = "--limit 100 --space s2 --channels 2 --layers 3 --steps 2 --epochs 1 --batch-size 25".split()


def test_a_budget_leads_from_measured_costs_to_the_verdict_and_the_report(tmp_path):
    costs, run = tmp_path / "costs.json", tmp_path / "run"
    words = f"{costs} --space s2 --of parameters --steps 2 --channels 4 --layers 3 --image-shape 1 8 8".split()
    result = CliRunner().invoke(measure, words)
    assert result.exit_code == 0, result.output
    assert "sep_conv_3x3" in result.output
    written = Costs.load(costs)
    budget = ["--costs", str(costs), "--budget", str(written.fixed + 1), "--method", "darts-minus"]
    result = CliRunner().invoke(search, [*SMALL, *budget, "--save-dir", str(run)])
    assert result.exit_code == 0, result.output
    (epoch,) = json.loads((run / "history.json").read_text())["epochs"]
    assert epoch["method"]["target cost"] == written.fixed + 1
    assert epoch["method"]["expected cost"] > written.fixed
    assert epoch["method"]["beta"] == 1.0
    page = (run / "report.html").read_text()
    assert "the genotype costs" in (run / "search.log").read_text()
    for text in ("beta * skip(x)", "WithDecayingSkip(", "ExpectedCost(target=", "expected cost"):
        assert text in page, text


@pytest.mark.parametrize("half", [["--budget", "5"], ["--costs", "setup.cfg"]])
def test_half_a_budget_is_refused(tmp_path, half, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "setup.cfg").write_text("")
    result = CliRunner().invoke(search, [*SMALL, *half, "--save-dir", "run"])
    assert result.exit_code == 2
    assert "--budget and --costs belong together" in result.output
