import pytest

from paddleslim.nas.darts.strategy.annealing import check_numbers, check_range, linear, linear_to_last
from paddleslim.nas.darts.strategy.progress import Progress


def test_linear_begins_at_the_start_and_would_reach_the_end_one_epoch_after_the_last():
    assert [linear((1.0, 0.0), Progress(epoch, 0, 4, 10)) for epoch in range(5)] == [1.0, 0.75, 0.5, 0.25, 0.0]


def test_linear_to_last_reaches_the_end_in_the_last_epoch():
    assert [linear_to_last((10.0, 1.0), Progress(epoch, 0, 4, 10)) for epoch in range(4)] == [10.0, 7.0, 4.0, 1.0]
    assert linear_to_last((10.0, 1.0), Progress(0, 0, 1, 10)) == 10.0


@pytest.mark.parametrize("value", [-1.0, 2.0, float("nan"), "1", True, None])
def test_a_number_out_of_its_range_is_named(value):
    with pytest.raises(ValueError, match=r"beta must be a number from 0 to 1, got"):
        check_numbers(0.0, 1.0, beta=value)


def test_a_range_is_a_pair():
    with pytest.raises(ValueError, match=r"tau must be a pair \(start, end\), got 1.0"):
        check_range(tau=1.0)
    with pytest.raises(ValueError, match=r"tau\[1\] must be a number at least 0, got -1"):
        check_range(tau=(1, -1))
