import dataclasses

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.search_space import S3, NASBench201Supernet
from paddleslim.nas.darts.strategy.perturbation import Decisions, Perturbation
from paddleslim.nas.darts.strategy.strategy import Strategy
from tests.supernets import random_batches, snapshot


def make_search(tmp_path, supernet, **settings):
    batches = random_batches(2)
    strategy = Strategy(selection=Perturbation(**settings))
    return DARTSearch(
        supernet,
        batches,
        batches,
        "cpu",
        num_epochs=1,
        num_imgs=32,
        batchsize=8,
        save_dir=str(tmp_path),
        strategy=strategy,
    )


class Wanting(Decisions):
    """Decisions by an accuracy that is the sum of the weights of the operations, each worth something of its own."""

    worth = np.array([9.0, 1.0, 2.0])

    def _tune(self):
        self.tunings = getattr(self, "tunings", 0) + 1

    def _accuracy_without(self, kind, edge, operation=None):
        p = self.p[kind] * self.kept[kind][:, None]
        lost = p[edge] if operation is None else np.eye(3)[operation] * p[edge, operation]
        return float((p * self.worth).sum() - (lost * self.worth * (1 + edge)).sum())


def test_what_is_missed_most_is_kept_on_every_edge_and_for_every_state(tmp_path):
    supernet = S3.build_supernet(4, 10, 3, 1, steps=2)
    search = make_search(tmp_path, supernet)
    search.architect  # noqa: B018 - begins the search
    decisions = Wanting(Perturbation(), search)
    genotype = decisions.run()
    # 'none' is worth most and is never chosen; edges that come later are missed more
    assert genotype.normal == [("sep_conv_3x3", source) for source in (0, 1, 1, 2)]
    assert decisions.tunings == 5 + 2 - 1


def test_a_selection_tunes_the_weights_and_leaves_the_alphas_and_the_run_as_they_were(tmp_path):
    paddle.seed(0)
    supernet = S3.build_supernet(2, 10, 3, 1, steps=1)
    search = make_search(tmp_path, supernet, epochs=1)
    strategy = search.strategy
    genotype = search.train()
    alphas = supernet.alphas_normal.numpy().copy()
    before = snapshot(supernet)
    again = strategy.selection.select(search)
    after = snapshot(supernet)
    assert {name for name, _ in [*genotype.normal, *again.normal]} <= {"skip_connect", "sep_conv_3x3"}
    assert supernet.alphas_normal.numpy().tobytes() == alphas.tobytes()
    assert before["classifier.weight"].tobytes() != after["classifier.weight"].tobytes()
    assert search.task.strategy is strategy
    assert len(search.history) == 1
    assert search.trained is None


def test_the_benchmarks_cells_are_decided_edge_by_edge(tmp_path):
    genotype = make_search(tmp_path, NASBench201Supernet(2, 10, 1, 1), epochs=0, order="entropy").train()
    assert genotype.count("~") == 6


def test_the_order_is_random_by_the_seed_of_the_search_or_by_entropy(tmp_path):
    supernet = S3.build_supernet(2, 10, 3, 1, steps=2)
    values = np.zeros([5, 3], "float32")
    values[:, 0] = [1, 3, 2, 5, 4]
    supernet.alphas_normal.set_value(values)
    search = make_search(tmp_path, supernet)
    search.architect  # noqa: B018 - begins the search
    assert Decisions(Perturbation(order="entropy"), search)._order(0) == [3, 4, 1, 2, 0]
    first = Decisions(Perturbation(), search)._order(0)
    assert sorted(first) == list(range(5))
    assert first == Decisions(Perturbation(), search)._order(0)


@pytest.mark.parametrize("change", [{"order": "best"}, {"epochs": -1}, {"rate": -1.0}])
def test_settings_that_cannot_be_used_are_refused(change):
    with pytest.raises(ValueError, match=next(iter(change))):
        dataclasses.replace(Perturbation(), **change)
