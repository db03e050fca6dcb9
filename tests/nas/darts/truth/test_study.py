import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from paddleslim.nas.darts.truth.budget import count_costs
from paddleslim.nas.darts.truth.searches import search_all
from paddleslim.nas.darts.truth.space import SPACE
from paddleslim.nas.darts.truth.study import gather, load_study, results_of, write_study
from paddleslim.nas.darts.truth.table import load_table
from paddleslim.nas.darts.truth.verdict import judge_searches


def search_with(folder, fashion, brief, methods, seeds):
    with ThreadPoolExecutor(1) as executor:
        return search_all(folder, executor, methods, seeds, 1, fashion, brief, str)


def test_a_folder_is_read_as_far_as_all_methods_are_complete(tmp_path, fashion, brief):
    search_with(tmp_path, fashion, brief, {"gdas": {}}, (0, 2))
    found = search_with(tmp_path, fashion, brief, {"darts": {}}, (2, 3))
    study = gather(tmp_path)
    assert study["seeds"] == [2]
    assert list(study["searches"]) == ["darts", "gdas"]
    assert gather(tmp_path, ["gdas"])["seeds"] == [0, 2]
    assert gather(tmp_path, ["gdas"], range(1))["seeds"] == [0]
    write_study(tmp_path / "study.json", study, {"nnn": 1.0})
    (read,) = results_of(load_study(tmp_path / "study.json"))["darts"]
    assert read["genotype"] == found["darts"][0]["genotype"]
    assert read["weights"][2] == pytest.approx(found["darts"][0]["weights"][2], rel=1e-4)
    assert read["seconds"] > 0
    assert read["processor_seconds"] > 0
    with pytest.raises(ValueError, match="holds no seed with which darts, oles is complete"):
        gather(tmp_path, ["darts", "oles"])


def test_searches_of_several_settings_are_not_mixed(tmp_path, fashion, brief):
    search_with(tmp_path, fashion, brief, {"darts": {}}, (0,))
    search_with(tmp_path, fashion, brief, {"darts": {"arch_learning_rate": 0.1}}, (1,))
    with pytest.raises(ValueError, match="darts-1 was searched with other epochs, settings, protocol or versions"):
        gather(tmp_path)


def test_searches_of_other_versions_are_read(tmp_path, fashion, brief):
    search_with(tmp_path, fashion, brief, {"darts": {}}, (0,))
    path = tmp_path / "darts-0" / "settings.json"
    content = json.loads(path.read_text())
    content.pop("sha256")
    content["versions"]["paddle"] = "1.8.5"
    path.write_text(json.dumps(content))
    assert gather(tmp_path)["versions"]["paddle"] == "1.8.5"


def test_the_costs_of_a_budget_are_the_parameters_of_the_table():
    table, costs = load_table(), count_costs()
    assert all(list(edge) == list(SPACE.operations) for edge in costs.tables[0])
    for cell in table:
        assert costs.of_genotype(cell.genotype) == cell.parameters


def test_a_search_above_its_budget_lowers_the_expected_parameters(tmp_path, fashion, brief):
    free, bound = {"arch_learning_rate": 0.3}, {"arch_learning_rate": 0.3, "budget": 1}
    with ThreadPoolExecutor(1) as executor:
        found = [
            search_all(tmp_path / name, executor, {"darts": settings}, [0], 12, fashion, brief, str)["darts"][0]
            for name, settings in (("free", free), ("bound", bound))
        ]
    costs = np.array([list(edge.values()) for edge in count_costs().tables[0]])
    expected = [float((np.array(result["weights"]) * costs).sum()) for result in found]
    assert expected[1] < 0.8 * expected[0]


def test_the_study_that_comes_with_the_package_has_equal_seeds_and_can_be_judged():
    study = load_study()
    assert all([s["seed"] for s in found] == study["seeds"] for found in study["searches"].values())
    verdict = judge_searches(load_table(), results_of(study))
    assert len(verdict["methods"]) == 12
    assert study["epochs"] == 15
