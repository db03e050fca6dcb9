import dataclasses

from paddleslim.nas.darts import DARTS_V2
from paddleslim.nas.darts.commands.retrain_settings import choose_preset, choose_settings
from paddleslim.nas.darts.retrain import PRESETS
from tests.nas.darts.genotype.test_nas_bench_201 import MIXED


def test_a_small_preset_is_taken_that_fits():
    assert choose_preset(DARTS_V2, "digits") == "digits"
    assert choose_preset(DARTS_V2, "cifar10") == "small"
    assert choose_preset(MIXED, "digits") == "nas-bench-201-small"


def test_options_that_were_given_change_the_preset_and_no_other():
    options = {"epochs": 3, "drop_path": 0.0, "channels": None, "seed": 5}
    assert choose_settings("cifar", options) == dataclasses.replace(PRESETS["cifar"], epochs=3, drop_path=0.0)
