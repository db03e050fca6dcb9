import numpy as np
import pytest

from paddleslim.nas.darts.truth.judgement import compare, measure, measure_rule, p_value_between, summarise
from paddleslim.nas.darts.truth.space import CELLS, from_code

pytestmark = pytest.mark.any_paddle


def test_a_cell_is_measured_by_the_table(made_up):
    genotype = from_code("3s1")
    found, same = measure(made_up, genotype, budget=1012), made_up.same_size(genotype)
    assert found.accuracy == made_up[genotype].accuracy
    assert found.percentile == made_up.percentile(genotype)
    assert found.percentile_same_size == made_up.percentile(genotype, same)
    assert found.percentile_within == made_up.percentile(genotype, made_up.within(1012))
    assert found.same_size_accuracy == pytest.approx(np.mean([cell.accuracy for cell in same]))
    assert (found.skips, found.parameters, found.rank) == (1, 1010, made_up[genotype].rank)
    assert found.worth == made_up.worth(found.accuracy)


def test_a_cell_above_the_budget_is_worth_nothing_within_it(made_up):
    assert measure(made_up, from_code("333"), budget=1010).percentile_within == 0
    assert measure(made_up, from_code("333")).percentile_within is None


def test_random_choice_is_average_by_every_percentile(made_up):
    found = measure_rule(made_up, "random")
    assert (found.percentile, found.percentile_same_size) == pytest.approx((0.5, 0.5))
    assert found.accuracy == pytest.approx(made_up.expected_best_of(1))
    assert measure_rule(made_up, "random", budget=1010).percentile_within == pytest.approx(0.5)


def test_most_parameters_tell_nothing_at_equal_size(made_up):
    found = measure_rule(made_up, "most parameters")
    assert found.percentile > 0.9
    assert found.percentile_same_size == 0.5


def test_searches_are_summarised_with_intervals_and_p_values(made_up):
    best = sorted(CELLS, key=lambda cell: -made_up[cell].accuracy)[:6]
    summary = summarise(made_up, best, budget=2000)
    assert summary.searches == 6
    estimate = summary.estimates["percentile"]
    assert estimate.low <= estimate.mean <= estimate.high
    assert estimate.mean == pytest.approx(np.mean([made_up.percentile(cell) for cell in best]))
    assert summary.p_values["percentile"] == pytest.approx(summary.p_values["percentile_within"])
    assert summary.p_values["percentile"] < 1e-6


def test_one_search_of_the_best_cell_of_its_size_is_as_likely_as_its_share(made_up):
    same = made_up.same_size(from_code("3s1"))
    best = max(same, key=lambda cell: cell.accuracy)
    ties = sum(cell.accuracy == best.accuracy for cell in same)
    summary = summarise(made_up, [best.genotype])
    assert summary.p_values["percentile_same_size"] == pytest.approx(ties / len(same))


def test_p_values_are_corrected_over_the_methods(made_up):
    good, bad = [from_code("313")] * 3, [from_code("sss")] * 3
    alone = {name: summarise(made_up, cells) for name, cells in {"good": good, "bad": bad}.items()}
    together = compare(made_up, {"good": good, "bad": bad})
    assert together["good"].p_values["percentile"] == pytest.approx(2 * alone["good"].p_values["percentile"])
    assert together["bad"].p_values["percentile"] == pytest.approx(alone["bad"].p_values["percentile"])
    assert together["good"].estimates == alone["good"].estimates


def test_two_methods_are_compared_seed_by_seed(made_up):
    good, bad = [from_code("313")] * 5, [from_code("sss")] * 5
    assert p_value_between(made_up, good, bad) == pytest.approx(2 / 2**5)
    assert p_value_between(made_up, good, good, "accuracy") == 1


def test_no_searches_are_refused(made_up):
    with pytest.raises(ValueError, match="there are no cells to judge"):
        summarise(made_up, [])
