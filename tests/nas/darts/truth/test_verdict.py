import json

import numpy as np
import pytest

from paddleslim.nas.darts.truth.space import from_code
from paddleslim.nas.darts.truth.verdict import draw_verdict, judge_searches

pytestmark = pytest.mark.any_paddle


def result(method, seed, code, weights=None, error=None):
    return {
        "method": method,
        "seed": seed,
        "genotype": from_code(code),
        "weights": weights,
        "error": error,
        "seconds": 2.0 + seed,
        "processor_seconds": 1.5,
        "resumed": seed == 1,
    }


@pytest.fixture
def results():
    # n, s, 1, 3, a in the order of what they are worth in the made-up table
    knowing = np.tile(np.exp([0.0, 1.0, 3.0, 4.0, 2.0]), [3, 1]).tolist()
    return {
        "darts": [result("darts", 0, "333", knowing), result("darts", 1, "3n3", knowing)],
        "gdas": [result("gdas", 0, "sss", np.ones([3, 5]).tolist()), result("gdas", 1, "nnn", error="diverged")],
    }


def test_a_verdict_holds_each_search_its_means_and_the_rules(made_up, results):
    verdict = json.loads(json.dumps(judge_searches(made_up, results)))
    darts, gdas = verdict["methods"]["darts"], verdict["methods"]["gdas"]
    assert [search["code"] for search in gdas["searches"]] == ["sss", "nnn"]
    assert darts["searches"][0]["regret"] == pytest.approx(made_up.regret(from_code("333")))
    mean, low, high = darts["estimates"]["percentile"]
    assert low <= mean <= high
    assert mean == pytest.approx(np.mean([search["percentile"] for search in darts["searches"]]))
    assert darts["estimates"]["tau"][0] > 0.5
    assert gdas["estimates"]["tau"][0] == 0.0  # all cells alike for one search, and the other failed
    assert (darts["failed"], gdas["failed"]) == (0, 1)
    assert darts["estimates"]["seconds"][0] == 2.0  # a search that was resumed does not count
    assert (darts["p_against_darts"], gdas["p_against_darts"]) == (None, 0.5)  # 2 of 4 choices of signs
    assert verdict["rules"]["most parameters"]["accuracy"] == pytest.approx(made_up[from_code("333")].accuracy)
    assert verdict["ceiling"] == made_up.ceiling
    assert darts["conclusions"]["beats most parameters"] is False  # 333 is the largest and the best of all
    assert darts["conclusions"]["above chance"] is True
    assert not any(gdas["conclusions"].values())


def test_within_a_budget_a_cell_above_it_is_worth_nothing(made_up, results):
    verdict = judge_searches(made_up, results, budget=1018)
    darts = verdict["methods"]["darts"]
    assert [search["percentile_within"] for search in darts["searches"]] == [0.0, made_up.percentile(
        from_code("3n3"), made_up.within(1018))]  # fmt: skip
    assert "percentile_within" in darts["p_values"]
    assert verdict["rules"]["most parameters"]["percentile_within"] < 1
    assert darts["conclusions"]["beats most parameters"] is False


def test_without_darts_nothing_is_compared_to_it(made_up, results):
    verdict = judge_searches(made_up, {"gdas": results["gdas"]})
    assert verdict["methods"]["gdas"]["p_against_darts"] is None


@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_verdict_is_drawn(tmp_path, made_up, results, ending):
    path = tmp_path / f"judge.{ending}"
    draw_verdict(judge_searches(made_up, results), path)
    assert path.stat().st_size > 1000
