import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from paddleslim.nas.darts.distributed.executor import connect_executor
from paddleslim.nas.darts.genotype.nas_bench_201 import OPERATIONS
from paddleslim.nas.darts.search_space.contract import split_parameters
from paddleslim.nas.darts.strategy.methods import METHODS
from paddleslim.nas.darts.training.callbacks import Callback
from paddleslim.nas.darts.truth.protocol import load_images
from paddleslim.nas.darts.truth.searches import JUDGED, WORST, log_weights, prepare_search, search_all, search_cell
from paddleslim.nas.darts.truth.space import CELLS, SPACE, from_code
from tests.nas.darts.distributed.killing import killed_in_the_middle


def search_some(folder, fashion, brief, methods, seeds=(0,), epochs=1):
    lines = []
    with ThreadPoolExecutor(1) as executor:
        return search_all(folder, executor, methods, seeds, epochs, fashion, brief, lines.append), lines


def test_what_is_complete_is_not_searched_again_and_other_settings_are_refused(tmp_path, fashion, brief):
    folder, methods = tmp_path / "judged", {"darts": {}, "drnas": {"arch_learning_rate": 1e-3}}
    first, lines = search_some(folder, fashion, brief, methods, (3, 4))
    assert lines[0] == "4 searches, 0 of them there already"
    assert [result["seed"] for result in first["drnas"]] == [3, 4]
    assert all(result["genotype"] in CELLS and result["error"] is None for result in first["darts"])
    assert first["darts"][0]["weights"] != first["darts"][1]["weights"]
    again, lines = search_some(folder, fashion, brief, methods, (4, 3))
    assert lines == ["4 searches, 4 of them there already"]
    assert again["darts"] == first["darts"][::-1]
    with pytest.raises(ValueError, match=r"darts-3 holds a search with other settings or versions, see settings\.json"):
        search_some(folder, fashion, brief, {"darts": {"arch_learning_rate": 1e-3}}, (3,))


def test_all_methods_have_a_seed_before_any_has_the_next(tmp_path, fashion, brief):
    _, lines = search_some(tmp_path, fashion, brief, {"darts": {}, "gdas": {}}, (0, 1))
    assert [" ".join(line.split()[1:4]) for line in lines[1:]] == [
        "darts seed 0:", "gdas seed 0:", "darts seed 1:", "gdas seed 1:"
    ]  # fmt: skip


def test_a_search_that_was_interrupted_finds_what_it_would_have_found(tmp_path, fashion, brief):
    class Interrupted(Exception):
        pass

    class Interrupt(Callback):
        def on_epoch_end(self, search, report):
            if report.epoch == 1:
                raise Interrupted

    arguments = (load_images(fashion, brief), "gdas", 0, 4, {"arch_learning_rate": 0.1}, brief)
    whole = search_cell(tmp_path / "whole", *arguments)
    search = prepare_search(tmp_path / "part", *arguments)
    (tmp_path / "part").mkdir(exist_ok=True)
    (tmp_path / "part" / "settings.json").write_text((tmp_path / "whole" / "settings.json").read_text())
    search.callbacks.append(Interrupt())
    with pytest.raises(Interrupted):
        search.train()
    resumed = search_cell(tmp_path / "part", *arguments)
    assert resumed["resumed"]
    assert not whole["resumed"]
    assert (resumed["genotype"], resumed["weights"]) == (whole["genotype"], whole["weights"])


def test_a_search_that_fails_counts_as_the_worst_cell(tmp_path, fashion, brief):
    found, lines = search_some(tmp_path / "judged", fashion, brief, {"darts": {"learning_rate": 1e30}}, epochs=4)
    (result,) = found["darts"]
    assert result["genotype"] == WORST == from_code("nnn")
    assert "not finite" in result["error"] or "nan" in result["error"]
    assert "failed" in lines[1]


@pytest.mark.parametrize("method", JUDGED)
def test_every_method_searches_on_this_space(tmp_path, fashion, brief, method):
    result = search_cell(tmp_path / method, load_images(fashion, brief), method, 0, 1, {}, brief)
    assert result["error"] is None
    assert result["genotype"] in CELLS
    assert np.shape(result["weights"]) == (3, 5)


def test_a_search_whose_worker_is_killed_is_resumed_by_another(tmp_path, fashion, brief):
    distributed = pytest.importorskip("distributed")
    folder, epochs = tmp_path / "judged", 30
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        address = cluster.scheduler_address
        with connect_executor(address) as executor, killed_in_the_middle(folder / "darts-0", "result.json") as killed:
            found = search_all(folder, executor, {"darts": {}}, [0], epochs, fashion, brief, str)
    assert killed == [False]
    (result,) = found["darts"]
    assert result["resumed"]
    undisturbed = search_cell(tmp_path / "alone", load_images(fashion, brief), "darts", 0, epochs, {}, brief)
    assert result["genotype"] == undisturbed["genotype"]
    assert result["weights"] == undisturbed["weights"]


def test_an_unknown_method_is_refused(tmp_path, fashion, brief):
    with pytest.raises(ValueError, match=r"method must be one of darts, .*, got 'dart'"):
        search_some(tmp_path, fashion, brief, {"dart": {}})


def test_all_methods_are_judged_but_the_one_that_changes_its_supernet():
    assert set(METHODS) - set(JUDGED) == {"drnas-two-stage"}


def test_log_weights_follow_the_rows_and_columns_of_the_alphas():
    supernet = SPACE.build_supernet(2, 10, 1, 1)
    _, (alphas,) = split_parameters(supernet)
    rng = np.random.default_rng(0)
    for _ in range(5):
        weights = rng.dirichlet(np.ones(len(OPERATIONS)), 3)
        alphas.set_value(np.log(weights).astype("float32"))
        scores = log_weights(weights)
        assert max(scores, key=scores.get) == supernet.genotype()
    assert scores[from_code("nnn")] == pytest.approx(np.log(weights[:, 0]).sum())
    assert json.loads(json.dumps(scores)) == scores
