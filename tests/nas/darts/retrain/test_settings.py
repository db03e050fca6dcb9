import math

import pytest

from paddleslim.nas.darts.retrain import PRESETS, RetrainSettings


def test_the_rate_falls_along_half_a_cosine():
    settings = RetrainSettings(epochs=10)
    assert settings.learning_rate_factor(0) == 1
    assert settings.learning_rate_factor(5) == pytest.approx(0.5)
    assert settings.learning_rate_factor(9) == pytest.approx((1 + math.cos(0.9 * math.pi)) / 2)


def test_the_rate_of_imagenet_falls_by_a_factor():
    assert PRESETS["imagenet"].learning_rate_factor(3) == pytest.approx(0.97**3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": 0}, "epochs must be a whole number of at least 1, got 0"),
        ({"channels": 2.5}, "channels must be a whole number"),
        ({"learning_rate": -1}, "learning_rate must be a number above 0, got -1"),
        ({"drop_path": 1}, "drop_path must be at least 0 and below 1, got 1"),
        ({"cutout": -1}, "cutout must be a whole number of at least 0, got -1"),
        ({"decay": 0}, "decay must be a number above 0, got 0"),
    ],
)
def test_numbers_out_of_range_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        RetrainSettings(**change)
