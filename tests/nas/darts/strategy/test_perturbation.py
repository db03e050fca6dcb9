import dataclasses

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.search_space import S3, NASBench201Supernet, PCDARTSSupernet
from paddleslim.nas.darts.strategy.perturbation import Decisions, Perturbation, StopOnSignal
from paddleslim.nas.darts.strategy.strategy import Strategy
from paddleslim.nas.darts.training.callbacks import Callback
from paddleslim.nas.darts.training.signals import SearchInterrupted
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


def make_resumable(tmp_path, unrolled=False):
    paddle.seed(4)
    np.random.seed(4)
    supernet = S3.build_supernet(2, 10, 2, 1, steps=1)
    return DARTSearch(
        supernet,
        random_batches(2, samples=4),
        random_batches(2, samples=4, seed=1),
        "cpu",
        0.1,
        4,
        16,
        num_epochs=1,
        save_dir=str(tmp_path),
        strategy=Strategy(selection=Perturbation(epochs=2)),
        unrolled=unrolled,
    )


# two edges and a state: two decisions with two epochs of two steps each, and one without
@pytest.mark.parametrize("steps", [1, 2, 5, 8])
def test_a_search_that_is_killed_in_its_selection_resumes_from_there_bit_for_bit(tmp_path, steps, monkeypatch):
    whole = make_resumable(tmp_path / "whole")
    genotype = whole.train()
    killed = make_resumable(tmp_path / "parts")
    kill_after(monkeypatch, steps)
    with pytest.raises(KeyboardInterrupt):
        killed.train()
    monkeypatch.undo()
    validations = count_validations(monkeypatch)
    resumed = make_resumable(tmp_path / "parts")
    assert resumed.train(resume=True) == genotype
    one, other = snapshot(whole.model), snapshot(resumed.model)
    assert one.keys() == other.keys()
    assert all(one[key].tobytes() == other[key].tobytes() for key in one)
    # what was decided is not decided again: each edge asks for both of its operations, in both kinds of cells
    assert len(validations) == 4 * (1 if steps < 5 else 0)


def kill_after(monkeypatch, steps):
    """Raise a KeyboardInterrupt after so many steps of a selection."""
    left = [steps]

    def on_step_end(self, search, report):
        left[0] -= report.phase == "Train"
        if left[0] == 0:
            raise KeyboardInterrupt

    monkeypatch.setattr(StopOnSignal, "on_step_end", on_step_end)


def count_validations(monkeypatch):
    found = []
    of_decisions = Decisions._accuracy_without
    monkeypatch.setattr(Decisions, "_accuracy_without", lambda *args: found.append(args) or of_decisions(*args))
    return found


def test_a_finished_selection_is_not_made_again(tmp_path, monkeypatch):
    genotype = make_resumable(tmp_path).train()
    validations = count_validations(monkeypatch)
    again = make_resumable(tmp_path)
    assert again.train(resume=True) == genotype
    assert validations == []
    weights = snapshot(again.model)["classifier.weight"]
    anew = make_resumable(tmp_path)  # from the beginning, with what was saved put aside
    assert anew.train() == genotype
    assert len(validations) == 8
    assert snapshot(anew.model)["classifier.weight"].tobytes() == weights.tobytes()


def test_a_signal_ends_a_selection_and_leaves_the_checkpoint_of_the_run_alone(tmp_path, monkeypatch):
    search = make_resumable(tmp_path)
    tune = Decisions._tune

    def interrupt(self):
        self.search.signals.append(15)
        tune(self)

    monkeypatch.setattr(Decisions, "_tune", interrupt)
    with pytest.raises(SearchInterrupted) as stop:
        search.train()
    assert stop.value.code == 128 + 15
    assert search.trained is None
    assert [path.name for path in sorted((tmp_path / "checkpoints").glob("*.safetensors"))] == [
        "0001-00000000.safetensors"
    ]
    monkeypatch.undo()
    assert make_resumable(tmp_path).train(resume=True) == make_resumable(tmp_path / "whole").train()


def test_an_edge_of_pc_darts_that_is_left_out_carries_no_channel_past_its_operations_either(tmp_path):
    paddle.seed(0)
    supernet = PCDARTSSupernet(4, 10, 3, 1, 1, 1, primitives=("skip_connect", "sep_conv_3x3"))
    search = make_search(tmp_path, supernet, epochs=0)
    search.architect  # noqa: B018 - begins the search
    decisions, seen = Decisions(Perturbation(epochs=0), search), []
    monitor = supernet.mixtures
    supernet.mixtures = lambda: seen.append(monitor()) or seen[-1]
    decisions._accuracy_without(0, 1)
    normal, reduce = (of_edges.numpy().ravel() for _, of_edges in seen[-1])
    assert normal[1] == 0
    assert normal[0] > 0
    assert (reduce > 0).all()
    supernet.mixtures()
    assert (seen[-1][0][1].numpy() > 0).all()
    supernet.present_edges = None, None
    decisions.run()
    assert supernet.present_edges == (None, None)


def test_observers_hear_of_every_decision(tmp_path):
    class Watch(Callback):
        heard = ()

        def on_selection(self, search, decided, decisions):
            self.heard = (*self.heard, (decided, decisions))

    watch = Watch()
    search = make_search(tmp_path, S3.build_supernet(2, 10, 2, 1, steps=1), epochs=0)
    search.callbacks.insert(0, watch)
    search.train()
    assert watch.heard == ((1, 3), (2, 3), (3, 3))
