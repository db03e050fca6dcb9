"""A search in stages: what is pruned and widened on the way, and that it resumes from anywhere."""

import dataclasses

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.search_space import DARTSSupernet, PCDARTSSupernet
from paddleslim.nas.darts.state.random_states import STAGE
from paddleslim.nas.darts.strategy.beta_decay import BetaDecay
from paddleslim.nas.darts.strategy.dirichlet import Dirichlet
from paddleslim.nas.darts.strategy.expected_cost import ExpectedCost
from paddleslim.nas.darts.strategy.methods import METHODS
from paddleslim.nas.darts.strategy.stages import Stage, Stages
from paddleslim.nas.darts.strategy.strategy import Strategy
from paddleslim.nas.darts.training.callbacks import Callback
from tests.searches import StopAt, summarize
from tests.supernets import random_batches

NAMES = ("none", "max_pool_3x3", "skip_connect", "sep_conv_3x3")
TWO = Stages((Stage(0.0, operations=3, parts=6), Stage(0.5, operations=2, parts=4)))
STRATEGY = Strategy(mixture=Dirichlet(), stages=TWO)


def make_search(folder, strategy=STRATEGY, supernet_class=PCDARTSSupernet, callbacks=(), **settings):
    paddle.seed(7)
    np.random.seed(7)
    # two cells, both of reduction
    supernet = supernet_class(12, 10, 2, 1, steps=1, multiplier=1, primitives=NAMES)
    readers = [random_batches(2, samples=4, seed=k) for k in range(2)]
    return DARTSearch(
        supernet,
        *readers,
        "cpu",
        0.1,
        4,
        16,
        0.1,
        num_epochs=4,
        save_dir=str(folder),
        strategy=strategy,
        callbacks=callbacks,
        checkpoint_steps=1,
        **settings,
    )


class Watch(Callback):
    """Keep what the supernet was after each epoch."""

    def __init__(self):
        self.shapes, self.kept, self.strengths = [], [], []

    def on_epoch_end(self, search, report):
        self.shapes.append([cell.shape for cell in search.model.cells])
        self.kept.append(search.model.kept)
        alphas = search.model.alphas_reduce.numpy().astype("float64")
        self.strengths.append(search.strategy.mixture.strength(alphas))


def test_the_space_is_pruned_to_its_strongest_operations_and_the_cells_become_wider(tmp_path):
    watch = Watch()
    search = make_search(tmp_path, callbacks=[watch])
    genotype = search.train()
    assert [shapes[0].parts for shapes in watch.shapes] == [6, 6, 4, 4]
    assert [shapes[0].mixed_channels for shapes in watch.shapes] == [4, 4, 6, 6]
    assert [len(shapes[1].edges[0]) for shapes in watch.shapes] == [3, 3, 2, 2]
    assert watch.kept[0] == (((1, 2, 3), (1, 2, 3)),) * 2  # 'none' goes first
    for edge, columns in enumerate(watch.kept[2][1]):
        best = sorted(np.argsort(-watch.strengths[1][edge])[:2].tolist())
        assert list(columns) == best
        assert (watch.strengths[3][edge][[c for c in range(4) if c not in columns]] < 1e-6).all()
    kept = {NAMES[c] for of_kind in search.model.kept for columns in of_kind for c in columns}
    assert {name for name, _ in genotype.normal + genotype.reduce} <= kept
    assert [report.method["stage"] for report in search.history] == [1, 1, 2, 2]


class Compare(Callback):
    """Keep what the optimizers remember before and after the second stage begins."""

    def on_epoch_begin(self, search, epoch):
        if epoch == 2:
            before = [self.read(search, name) for name in ("weights", "alphas", "model")]
            search.task.begin_epoch(2)
            after = [self.read(search, name) for name in ("weights", "alphas", "model")]
            self.pairs = list(zip(before, after))

    def read(self, search, component):
        state = search.components()[component].get_state()
        return {name: value.copy() for name, value in state.items() if isinstance(value, np.ndarray)}


def test_weights_and_what_the_optimizers_remember_go_along(tmp_path):
    compare = Compare()
    make_search(tmp_path, callbacks=[compare]).train()
    (velocity, new_velocity), (moments, new_moments), (weights, new_weights) = compare.pairs
    for name in ("stem.0.weight", "cells.0.preprocess1.conv.weight", "classifier.weight"):
        assert np.array_equal(weights[name], new_weights[name])
        assert np.array_equal(velocity[f"{name}/velocity"], new_velocity[f"{name}/velocity"])
    assert all(np.array_equal(new_moments[name], value) for name, value in moments.items())
    # six depthwise kernels of an operation where there were four, the further ones copies
    old, new = (
        [array.reshape([-1, 9]) for name, array in x.items() if "sep_conv_3x3.conv1.weight" in name]
        for x in (velocity, new_velocity)
    )
    known = {row.tobytes() for kernels in old for row in kernels}
    assert new
    assert all(len({row.tobytes() for row in kernels}) < len(kernels) for kernels in new)
    assert {row.tobytes() for kernels in new for row in kernels} <= known


# two steps an epoch: in the first stage, before the first step of the second, and after it
@pytest.mark.parametrize(("unrolled", "stop"), [(False, 3), (False, 5), (False, 6), (True, 5), (True, 6)])
def test_a_search_in_stages_resumes_bit_for_bit(tmp_path, unrolled, stop):
    whole = make_search(tmp_path / "whole", unrolled=unrolled)
    genotype = whole.train()
    with pytest.raises(KeyboardInterrupt):
        make_search(tmp_path / "parts", unrolled=unrolled, callbacks=[StopAt(stop)]).train()
    resumed = make_search(tmp_path / "parts", unrolled=unrolled)
    assert resumed.train(resume=True) == genotype
    assert summarize(resumed) == summarize(whole)


def test_the_same_search_may_run_again_and_resume_in_its_second_stage(tmp_path):
    search = make_search(tmp_path)
    genotype = search.train()
    assert search.train(resume=True) == genotype
    search.train()
    assert [cell.shape.parts for cell in search.model.cells] == [4, 4]


def test_the_alphas_rest_at_the_beginning_of_a_stage(tmp_path):
    stages = Stages((Stage(0.0, operations=3, rest=0.25), Stage(0.5, operations=2, rest=0.25)))
    moved = []

    class Alphas(Callback):
        def on_epoch_begin(self, search, epoch):
            self.before = search.model.alphas_reduce.numpy()

        def on_epoch_end(self, search, report):
            alphas = search.model.alphas_reduce.numpy()
            moved.append(bool((alphas != self.before)[(alphas > -100)].any()))

    strategy = Strategy(stages=stages)
    make_search(tmp_path, strategy, DARTSSupernet, [Alphas()]).train()
    assert moved == [False, True, False, True]


def test_penalties_see_what_is_left(tmp_path):
    seen = []

    def look(alphas, weights, progress):
        seen.append((progress.epoch, [list(a.shape) for a in alphas], [w.numpy() for w in weights]))
        return alphas[0].sum() * 0

    costs = ExpectedCost([[[1.0] * 4] * 2] * 2, target=0.5)
    strategy = dataclasses.replace(STRATEGY, mixture=Strategy().mixture, penalties=[BetaDecay(), costs, look])
    search = make_search(tmp_path, strategy)
    search.train()
    assert [shapes for epoch, shapes, _ in seen if epoch == 3][-1] == [[2, 2], [2, 2]]
    last = [weights for epoch, _, weights in seen if epoch == 3][-1]
    for own, columns in zip(last, search.model.kept):
        assert ((own > 0).sum(axis=1) == 2).all()
        assert all(set(np.flatnonzero(row)) == set(kept) for row, kept in zip(own, columns))
    assert abs(search.history[-1].method["expected cost"] - 4.0) < 1e-6


def test_an_optimizer_of_ones_own_goes_along(tmp_path):
    def adam(weights):
        return paddle.optimizer.Adam(paddle.optimizer.lr.StepDecay(0.01, 3), parameters=weights)

    search = make_search(tmp_path, weight_optimizer=adam)
    search.train()
    assert search.task.schedule.last_epoch == 8  # steps


def test_what_stages_do_not_go_with_is_refused(tmp_path):
    with pytest.raises(ValueError, match="use the supernet of PC-DARTS"):
        make_search(tmp_path, METHODS["drnas-two-stage"], DARTSSupernet)
    with pytest.raises(RuntimeError, match="makes its optimizers anew"):
        make_search(tmp_path).train_one_epoch([], [], None, None, 0)


def test_the_streams_of_a_search_have_numbers_of_their_own():
    from paddleslim.nas.darts.state.random_states import CURVATURE, MIXTURE, READING
    from paddleslim.nas.darts.strategy.perturbation import SELECTION

    assert len({CURVATURE, MIXTURE, READING, SELECTION, STAGE}) == 5
