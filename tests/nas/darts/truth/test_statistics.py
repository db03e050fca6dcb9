import itertools

import numpy as np
import pytest
from scipy import stats

from paddleslim.nas.darts.truth.statistics import (
    bootstrap_interval,
    chance_p_value,
    holm,
    kendall_tau,
    mid_ranks,
    permutation_p_value,
)

pytestmark = pytest.mark.any_paddle


def test_equal_numbers_share_their_rank():
    values = np.random.default_rng(0).integers(0, 5, 30)
    assert mid_ranks(values).tolist() == stats.rankdata(values).tolist()
    assert mid_ranks([3.0, 1.0, 3.0]).tolist() == [2.5, 1.0, 2.5]


def test_kendalls_tau_counts_pairs_and_discounts_ties():
    assert kendall_tau([1, 2, 3, 4], [10, 20, 40, 30]) == pytest.approx(4 / 6)
    # 2 pairs in order, none against it, each list with one tie of 3 pairs: 2 / sqrt(2 * 3)
    assert kendall_tau([1, 1, 2], [1, 2, 3]) == pytest.approx(2 / np.sqrt(6))


def test_a_bootstrap_interval_holds_the_mean_so_often():
    rng = np.random.default_rng(1)
    intervals = [bootstrap_interval(rng.normal(size=20), 0.9, 500, seed) for seed in range(300)]
    inside = np.mean([low < 0 < high for low, high in intervals])
    assert 0.8 < inside < 0.95


def test_a_bootstrap_interval_of_equal_values_is_a_point():
    assert bootstrap_interval([0.5] * 5) == (0.5, 0.5)


@pytest.mark.parametrize(("values", "level"), [([], 0.95), ([1.0], 95)])
def test_an_interval_of_nothing_is_refused(values, level):
    with pytest.raises(ValueError, match="an interval needs values and a level between 0 and 1"):
        bootstrap_interval(values, level)


def test_the_permutation_test_is_scipys():
    rng = np.random.default_rng(2)
    first, second = rng.normal(0.4, 1, 9), rng.normal(0, 1, 9)
    expected = stats.permutation_test(
        (first, second), lambda a, b: np.mean(a - b), permutation_type="samples", n_resamples=np.inf
    )
    assert permutation_p_value(first, second) == pytest.approx(expected.pvalue)


def test_methods_that_are_equal_do_not_differ():
    assert permutation_p_value([0.1, 0.2, 0.3], [0.1, 0.2, 0.3]) == 1
    assert permutation_p_value(np.full(20, 0.3), np.full(20, 0.1)) == pytest.approx(2 / 2**20)


@pytest.mark.parametrize(("first", "second"), [([], []), ([1], [1, 2]), (range(23), range(23))])
def test_pairs_that_cannot_be_tested_are_refused(first, second):
    with pytest.raises(ValueError, match=f"the test needs 1 to 22 pairs of numbers, got {len(first)} and"):
        permutation_p_value(first, second)


def test_chance_is_counted_exactly():
    choices = [[1 / 6, 3 / 6, 5 / 6], [0.25, 0.75], [0.5]]
    values = [5 / 6, 0.25, 0.5]
    sums = [sum(choice) for choice in itertools.product(*choices)]
    expected = np.mean([total >= sum(values) - 1e-12 for total in sums])
    assert chance_p_value(values, choices) == pytest.approx(expected) == pytest.approx(0.5)


def test_chance_rarely_finds_the_best_twenty_times():
    uniform = (np.arange(125) + 0.5) / 125
    assert chance_p_value([uniform[-1]] * 3, [uniform] * 3) == pytest.approx(125**-3)
    # the mean of 20 uniform numbers has a standard error of 0.0645
    assert chance_p_value([0.66] * 20, [uniform] * 20) == pytest.approx(stats.norm.sf((0.66 - 0.5) / 0.0645), rel=0.1)


def test_a_value_without_choices_is_refused():
    with pytest.raises(ValueError, match="2 values need as many lists of choices"):
        chance_p_value([0.5, 0.5], [[0.5]])


def test_holm_multiplies_by_what_is_left_and_keeps_the_order():
    found = holm({"a": 0.02, "b": 0.01, "c": 0.5, "d": 0.021})
    assert found == pytest.approx({"a": 0.06, "b": 0.04, "c": 0.5, "d": 0.06})
    assert holm({"a": 0.9, "b": 0.8}) == {"a": 1.0, "b": 1.0}
    assert holm({}) == {}
