import pytest

from paddleslim.nas.darts.truth.rules import RULES, follow

pytestmark = pytest.mark.any_paddle


def codes(rule, table, budget=None):
    return {cell.code for cell in follow(rule, table, budget)}


def test_most_parameters_are_convolutions_of_size_3_as_far_as_the_budget_goes(made_up):
    assert codes("most parameters", made_up) == codes("most FLOPs", made_up) == codes("synflow", made_up) == {"333"}
    within = codes("most parameters", made_up, 1011)  # one convolution of size 3 and two of size 1
    assert within == {"311", "131", "113"}


def test_a_score_picks_its_largest(made_up):
    assert codes("gradient norm", made_up) == {"111"}


def test_no_skip_is_any_cell_without_skip_connections(made_up):
    found = codes("no skip", made_up)
    assert len(found) == 64
    assert not any("s" in code for code in found)


def test_random_is_any_cell(made_up):
    assert len(codes("random", made_up)) == 125


def test_every_rule_keeps_to_a_budget(made_up):
    for rule in RULES:
        assert all(cell.parameters <= 1003 for cell in follow(rule, made_up, 1003))


def test_an_unknown_rule_is_refused(made_up):
    with pytest.raises(ValueError, match=r"rule must be one of random, no skip, .*, got 'deepest'"):
        follow("deepest", made_up)
