import pytest

from paddleslim.nas.darts import DARTS_V2
from paddleslim.nas.darts.retrain import CellNetwork, NASBench201Network, RetrainSettings, build_network
from tests.nas.darts.networks.test_nas_bench_201 import MIXED


def test_a_string_is_a_cell_of_the_benchmark_and_a_genotype_one_of_darts():
    settings = RetrainSettings(channels=4, layers=1)
    assert isinstance(build_network(MIXED, [1, 8, 8], 10, settings), NASBench201Network)
    assert isinstance(build_network(DARTS_V2, [1, 8, 8], 10, settings), CellNetwork)


def test_images_too_small_for_the_auxiliary_tower_are_refused():
    settings = RetrainSettings(channels=4, layers=3, auxiliary_weight=0.4)
    assert build_network(DARTS_V2, [3, 29, 40], 10, settings).auxiliary is not None
    with pytest.raises(ValueError, match="needs images of at least 29 pixels, they have 28; set auxiliary_weight to 0"):
        build_network(DARTS_V2, [3, 28, 40], 10, settings)


def test_arguments_of_another_kind_are_refused():
    with pytest.raises(ValueError, match=r"image_shape must be \[channels, height, width\], got \[3, 8\]"):
        build_network(DARTS_V2, [3, 8], 10)
    with pytest.raises(TypeError, match=r"settings must be a RetrainSettings, such as .*, got 3"):
        build_network(DARTS_V2, [3, 8, 8], 10, 3)
    with pytest.raises(TypeError, match="genotype must be a Genotype, got 'x'; build_network takes other kinds"):
        CellNetwork("x")
