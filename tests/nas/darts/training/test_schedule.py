import math

import pytest

from paddleslim.nas.darts.training.schedule import CosineByEpoch, FactorByEpoch, count_virtual_steps


def rates(schedule, count):
    values = []
    for _ in range(count):
        values.append(schedule())
        schedule.step()
    return values


def test_the_rate_is_a_cosine_held_for_each_epoch():
    expected = [0.1 * 0.5 * (math.cos(math.pi * epoch / 4) + 1) for epoch in range(4) for _ in range(3)]
    assert rates(CosineByEpoch(0.1, 3, 4), 12) == pytest.approx(expected, rel=1e-12)


def test_the_cosine_falls_to_the_rate_at_its_end():
    expected = [0.001 + 0.099 * 0.5 * (math.cos(math.pi * epoch / 4) + 1) for epoch in range(4)]
    assert rates(CosineByEpoch(0.1, 1, 4, end=0.001), 4) == pytest.approx(expected, rel=1e-12)


def test_past_the_last_epoch_the_rate_stays():
    assert len(set(rates(CosineByEpoch(0.1, 1, 4), 40)[3:])) == 1


@pytest.mark.parametrize(
    ("short", "long", "rate"),
    [
        (CosineByEpoch(0.1, 1, 1), CosineByEpoch(0.1, 1, 2), 0.05),
        (FactorByEpoch(0.1, lambda epoch: 1 - epoch), FactorByEpoch(0.1, lambda epoch: 1 - epoch / 2), 0.05),
    ],
)
def test_a_run_that_is_extended_has_the_rate_of_its_new_length(short, long, rate):
    short.step()
    long.set_state_dict(short.state_dict())
    assert long() == pytest.approx(rate)


def test_a_virtual_epoch_is_half_of_the_images():
    assert count_virtual_steps(50000, 64) == 390
    assert count_virtual_steps(50000, 64, ranks=4) == 97
    assert count_virtual_steps(80, 8) == 5


def test_too_few_images_for_a_step_are_refused_with_the_least_number():
    with pytest.raises(ValueError, match=r"num_imgs=127 leaves no step.*at least 128"):
        count_virtual_steps(127, 64)
    assert count_virtual_steps(128, 64) == 1
