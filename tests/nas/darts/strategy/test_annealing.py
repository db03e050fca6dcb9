import dataclasses

import numpy as np
import pytest

from paddleslim.nas.darts.strategy.adversarial import Adversarial
from paddleslim.nas.darts.strategy.annealing import check_numbers, check_range, linear, linear_to_last
from paddleslim.nas.darts.strategy.beta_decay import BetaDecay
from paddleslim.nas.darts.strategy.decaying_skip import WithDecayingSkip
from paddleslim.nas.darts.strategy.dirichlet_kl import DirichletKL
from paddleslim.nas.darts.strategy.expected_cost import ExpectedCost
from paddleslim.nas.darts.strategy.gumbel_softmax import GumbelSoftmax
from paddleslim.nas.darts.strategy.hypergradient import SecondOrder
from paddleslim.nas.darts.strategy.operation_early_stopping import OperationEarlyStopping
from paddleslim.nas.darts.strategy.perturbation import Perturbation
from paddleslim.nas.darts.strategy.progress import Progress
from paddleslim.nas.darts.strategy.random_smoothing import RandomSmoothing
from paddleslim.nas.darts.strategy.stages import Stage
from paddleslim.nas.darts.strategy.threshold import Threshold
from paddleslim.nas.darts.strategy.zero_one import ZeroOne

PARTS = [
    Adversarial((0.25, 0.5), 3),
    BetaDecay((0.0, 2.0)),
    WithDecayingSkip(beta=(1.0, 0.5)),
    DirichletKL(0.5),
    ExpectedCost(((((1.0, 2.0),)),), 2.0, 0.5, 0.25),
    GumbelSoftmax((2.0, 0.5), True),
    SecondOrder(radius=0.5),
    OperationEarlyStopping(0.5, 3),
    Perturbation(3, "entropy", 0.5),
    RandomSmoothing((0.25, 0.5)),
    Stage(0.5, 3, 2, 0.25),
    Threshold(0.5),
    ZeroOne(0.5),
]


def as_numpy(value):
    """Return a number or a range in numpy's types."""
    kinds = {bool: np.bool_, int: np.int64, float: np.float32, tuple: np.array}
    return kinds.get(type(value), lambda same: same)(value)


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


@pytest.mark.parametrize("part", PARTS, ids=lambda part: type(part).__name__)
def test_numbers_of_numpy_make_the_same_part_of_a_strategy(part):
    fields = [f.name for f in dataclasses.fields(part)]
    made = type(part)(**{name: as_numpy(getattr(part, name)) for name in fields})
    assert made == part
    assert repr(made) == repr(part)


@pytest.mark.parametrize("part", PARTS, ids=lambda part: type(part).__name__)
def test_no_number_of_a_strategy_is_given_as_a_text(part):
    for field in dataclasses.fields(part):
        if isinstance(getattr(part, field.name), (bool, int, float)):
            with pytest.raises((TypeError, ValueError), match=rf"^{field.name} must be .*, got '1'$"):
                dataclasses.replace(part, **{field.name: "1"})
