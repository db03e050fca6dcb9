import dataclasses
import itertools
import json

import numpy as np
import pytest

from paddleslim.nas.darts.data import load_dataset
from paddleslim.nas.darts.truth.assembly import count_cell
from paddleslim.nas.darts.truth.protocol import PROTOCOL, train_cell
from paddleslim.nas.darts.truth.space import CELLS, canonical, chains, from_code, to_code
from paddleslim.nas.darts.truth.table import TruthTable, load_table


def content_of(table):
    names = ("accuracies", "parameters", "flops", "latency", "scores")
    cells = {cell.code: {name: getattr(cell, name) for name in names} for cell in table}
    return {"protocol": {}, "versions": {}, "latency": "", "cells": cells}


def test_a_cell_is_found_by_its_string(made_up):
    cell = made_up[from_code("3s3")]
    assert (cell.code, cell.parameters, cell.flops, cell.skips) == ("3s3", 1018, 6800, 1)
    assert cell.accuracy == pytest.approx(np.mean(cell.accuracies))
    assert len(made_up) == len(list(made_up)) == 125
    with pytest.raises(ValueError, match="reads like"):
        made_up["|none~0|"]


def test_ranks_begin_with_the_best_and_equal_cells_share_theirs(made_up):
    ranks = {cell.code: cell.rank for cell in made_up}
    assert ranks[made_up.best.code] == 1
    assert sum(ranks.values()) == 125 * 126 / 2
    assert len({ranks[code] for code in ("nnn", "nns", "3nn")}) == 1
    assert all(cell.rank == made_up[canonical(cell.genotype)].rank for cell in made_up)


def test_the_percentile_of_a_random_cell_is_one_half_among_all_and_among_some(made_up):
    assert np.mean([made_up.percentile(cell) for cell in CELLS]) == pytest.approx(0.5)
    same = made_up.same_size(from_code("3s1"))
    assert len(same) == 18  # 6 orders of a 3x3, a 1x1 and one of n, s, a
    assert np.mean([made_up.percentile(cell.genotype, same) for cell in same]) == pytest.approx(0.5)
    assert made_up.percentile(made_up.best.genotype) == 1 - 0.5 / 125


def test_a_cell_above_a_budget_has_no_percentile_within_it(made_up):
    small = made_up.within(1009)
    assert max(cell.parameters for cell in small) == 1009
    with pytest.raises(ValueError, match="cell 333 is not among those to compare with"):
        made_up.percentile(from_code("333"), small)
    with pytest.raises(ValueError, match="no cell has at most 10 parameters; the smallest has 1000"):
        made_up.within(10)


def test_the_expected_best_of_some_cells_is_that_of_all_their_draws(made_up):
    accuracies = [cell.accuracy for cell in made_up]
    assert made_up.expected_best_of(1) == pytest.approx(np.mean(accuracies))
    pairs = [max(pair) for pair in itertools.combinations(accuracies, 2)]
    assert made_up.expected_best_of(2) == pytest.approx(np.mean(pairs))
    assert made_up.expected_best_of(125) == pytest.approx(made_up.best.accuracy)
    with pytest.raises(ValueError, match="k must be between 1 and the 125 cells there are, got 126"):
        made_up.expected_best_of(126)


def test_the_worth_of_an_accuracy_is_the_number_of_trainings_that_find_it(made_up):
    for k in (1, 7, 125):
        assert made_up.worth(made_up.expected_best_of(k)) == pytest.approx(k)
    assert 7 < made_up.worth(made_up.expected_best_of(7) + 1e-6) < 8
    assert made_up.worth(made_up.expected_best_of(1) - 1e-6) == 0


def test_regret_is_what_the_best_has_more(made_up):
    assert made_up.regret(made_up.best.genotype) == 0
    assert made_up.regret(from_code("nnn")) == pytest.approx(made_up.best.accuracy - made_up[from_code("nnn")].accuracy)


def test_tau_of_the_accuracies_is_1_and_zero_cells_do_not_count(made_up):
    scores = {cell.genotype: cell.accuracy for cell in made_up}
    assert made_up.tau(scores) == pytest.approx(1)
    assert made_up.tau({genotype: -score for genotype, score in scores.items()}) == pytest.approx(-1)
    assert made_up.tau({**scores, from_code("nnn"): 9.0}) == pytest.approx(1)
    assert len(made_up.computing) == 116


def test_the_ceiling_is_1_where_seeds_agree_and_falls_where_they_do_not(made_up):
    content = content_of(made_up)
    assert 0.5 < made_up.ceiling < 1
    assert 0.005 < made_up.seed_deviation < 0.015
    for row in content["cells"].values():
        row["accuracies"] = [row["accuracies"][0]] * 3
    assert TruthTable(content).ceiling == pytest.approx(1)
    assert TruthTable(content).seed_deviation == pytest.approx(0)


def test_a_table_that_is_not_complete_is_refused(made_up, tmp_path):
    content = content_of(made_up)
    del content["cells"]["3s3"]
    with pytest.raises(ValueError, match="the table lacks the cells 3s3; generate it until it is complete"):
        TruthTable(content)
    path = tmp_path / "table.json"
    path.write_text(json.dumps({"cells": {}}))
    with pytest.raises(ValueError, match=r"table\.json is damaged or of something else: `protocol` is missing"):
        load_table(path)
    with pytest.raises(OSError, match="absent"):
        load_table(tmp_path / "absent")


def test_a_file_of_a_table_is_read(made_up, tmp_path):
    path = tmp_path / "table.json"
    path.write_text(json.dumps(content_of(made_up)))
    assert load_table(path).cells == made_up.cells
    assert {to_code(cell) for cell in load_table(path).cells} == {cell.code for cell in made_up}


@pytest.fixture(scope="module")
def shipped():
    return load_table()


def test_the_shipped_table_is_of_the_protocol_and_its_seeds_agree(shipped):
    assert shipped.protocol == json.loads(json.dumps(dataclasses.asdict(PROTOCOL)))
    assert all(len(cell.accuracies) == len(PROTOCOL.seeds) for cell in shipped)
    assert shipped.ceiling > 0.6


def test_cells_that_compute_the_same_have_the_same_accuracies_in_the_shipped_table(shipped):
    assert all(cell.accuracies == shipped[canonical(cell.genotype)].accuracies for cell in shipped)
    assert all(cell.accuracy == pytest.approx(0.1) for cell in shipped if not chains(cell.genotype))


def test_parameters_and_flops_of_the_shipped_table_are_those_of_the_code(shipped):
    assert {cell.code: (cell.parameters, cell.flops) for cell in shipped} == {
        to_code(cell): count_cell(cell) for cell in CELLS
    }


def test_two_cells_retrained_briefly_keep_the_order_of_the_shipped_table(shipped):
    settings = dataclasses.replace(PROTOCOL.settings, channels=4, epochs=2)
    cells = [from_code(code) for code in ("sss", "333")]
    brief = [train_cell(cell, load_dataset("digits"), 0, settings)[0] for cell in cells]
    assert shipped[cells[0]].accuracy < shipped[cells[1]].accuracy
    assert brief[0] < brief[1]


def test_a_table_without_its_parts_is_refused_and_a_whole_one_says_what_it_is():
    with pytest.raises(ValueError, match="the table lacks protocol, versions, latency, cells"):
        TruthTable({})
    assert repr(load_table()).startswith("TruthTable(125 cells, the best has ")
