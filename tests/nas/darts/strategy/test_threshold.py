import numpy as np
import pytest
from scipy import special

from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.search_space import S3
from paddleslim.nas.darts.strategy.methods import METHODS
from paddleslim.nas.darts.strategy.threshold import Threshold, choose_above
from tests.supernets import random_batches

NAMES = [["none", "skip_connect", "sep_conv_3x3"]] * 5


def test_an_edge_is_kept_from_the_threshold_on_and_two_at_most():
    strengths = np.zeros([5, 3])
    strengths[0, 1] = 0.9  # state 0 keeps one edge
    strengths[:, 0] = 1.0  # 'none' is never chosen
    strengths[2:, 2] = [0.85, 0.95, 0.99]  # state 1 has three to choose from
    assert choose_above(0.85, strengths, 2, NAMES) == [
        ("skip_connect", 0),
        ("none", 1),
        ("sep_conv_3x3", 2),
        ("sep_conv_3x3", 1),
    ]


def test_a_search_of_fair_darts_reads_its_genotype_by_the_sigmoid(tmp_path):
    supernet = S3.build_supernet(4, 10, 3, 1, steps=2)
    batches = random_batches(2)
    search = DARTSearch(
        supernet,
        batches,
        batches,
        "cpu",
        num_epochs=1,
        num_imgs=32,
        batchsize=8,
        save_dir=str(tmp_path),
        strategy="fair-darts",
    )
    values = np.full([5, 3], special.logit(0.5), "float32")
    values[:, 2] = special.logit([0.9, 0.89, 0.95, 0.92, 0.5])
    supernet.alphas_normal.set_value(values)
    genotype = search.train()
    assert genotype.normal == [("sep_conv_3x3", s) for s in (0, 1, 0, 1)]
    assert {name for name, _ in genotype.reduce} == {"none"}
    assert METHODS["fair-darts"].selection == Threshold(0.85)


def test_a_supernet_without_states_is_refused():
    class Search:
        model = object()

    with pytest.raises(TypeError, match="select by Strongest"):
        Threshold().select(Search())
