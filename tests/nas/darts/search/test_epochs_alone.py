"""`train_one_epoch` and `valid_one_epoch` on their own, as PaddleSlim documents them."""

import numpy as np
import paddle

from paddleslim.nas.darts import Architect, DARTSearch
from tests.supernets import DocumentedSupernet, NormSupernet, random_batches, snapshot

BATCHES = random_batches(6)
TRAIN, VALID = BATCHES[:3], BATCHES[3:]


def make_search(folder, model=None):
    paddle.seed(1)
    np.random.seed(1)
    model = model or DocumentedSupernet()
    return DARTSearch(model, TRAIN, VALID, "cpu", batchsize=8, num_imgs=48, num_epochs=1, save_dir=str(folder))


def test_an_epoch_on_its_own_is_that_of_a_search(tmp_path):
    through = make_search(tmp_path / "through")
    through.train()
    alone = make_search(tmp_path / "alone")
    accuracy = alone.train_one_epoch(alone.train_loader, alone.valid_loader, alone.architect, alone.optimizer, 0)
    assert accuracy == through.history[0].train_accuracy
    for name, value in snapshot(through.model).items():
        np.testing.assert_array_equal(snapshot(alone.model)[name], value)
    assert alone.valid_one_epoch(alone.valid_loader, 0) == through.history[0].valid_accuracy


def test_batches_architect_and_optimizer_may_be_the_callers_own(tmp_path):
    search = make_search(tmp_path)
    model = search.model
    before = snapshot(model)
    optimizer = paddle.optimizer.SGD(0.1, parameters=[model.classifier.weight])
    search.train_one_epoch(TRAIN, VALID, Architect(model, 0.1, 0.01, True), optimizer, 0)
    after = snapshot(model)
    changed = {name for name in before if before[name].tobytes() != after[name].tobytes()}
    assert changed == {"alphas_normal", "alphas_reduce", "classifier.weight"}


def test_a_validation_on_its_own_changes_nothing(tmp_path):
    search = make_search(tmp_path, NormSupernet())
    before = snapshot(search.model)
    assert 0 <= search.valid_one_epoch(VALID, 0) <= 1
    for name, value in snapshot(search.model).items():
        np.testing.assert_array_equal(before[name], value)
