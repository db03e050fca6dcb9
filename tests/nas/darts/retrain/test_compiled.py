"""Retrainings of networks of one's own, compiled."""

import numpy as np
import paddle
from paddle import nn

from paddleslim.nas.darts import Callback
from paddleslim.nas.darts.retrain import Retraining, RetrainSettings
from tests.nas.darts.training.test_compiling import Mixed
from tests.supernets import random_batches


class WithHead(Mixed):
    """Has an auxiliary head, and drops paths more and more."""

    drop_path = 0.0

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2D(1, 4, 3, padding=1)
        self.head = nn.Linear(4, 5)

    def features(self, image):
        x = self.stem(image)
        for branch in self.branches:
            found = branch(x)
            if self.training and self.drop_path > 0:
                keep = 1 - self.drop_path
                found = found * (paddle.floor(keep + paddle.rand([image.shape[0], 1, 1, 1])) / keep)
            x = x + found
        return x

    def forward(self, image):
        return self.classifier(self.features(image).mean(axis=[2, 3]))

    def forward_twice(self, image):
        x = self.features(image).mean(axis=[2, 3])
        return self.classifier(x), self.head(x)


class Shown(Callback):
    def __init__(self):
        self.what = set()

    def on_preparation(self, search, what):
        self.what.add(what.split()[0])


def penalised(network):
    """Return a criterion that has the gradient of the outputs in weights as a part of it."""

    def criterion(outputs, label):
        if not paddle.is_grad_enabled():
            return nn.functional.cross_entropy(outputs, label)
        (gradient,) = paddle.grad((outputs**2).sum(), [network.branches[0][1].weight], create_graph=True)
        return nn.functional.cross_entropy(outputs, label) + (gradient**2).sum() * 1e-4

    return criterion


def retrain(kind, compile, criterion=None, **settings):
    paddle.seed(5)
    network, batches, shown = kind(), random_batches(3, samples=4, size=7), Shown()
    batches = [(image, label % 5) for image, label in batches]
    further = {} if criterion is None else {"criterion": criterion(network)}
    retraining = Retraining(
        network,
        batches,
        batches[:2],
        RetrainSettings(epochs=2, batch_size=4, learning_rate=0.05, **settings),
        compile=compile,
        callbacks=[shown],
        **further,
    )
    retraining.train()
    history = [(r.train_loss, r.valid_loss) for r in retraining.history]
    return [value.numpy() for value in network.state_dict().values()], history, retraining, shown


def assert_equal(ours, theirs):
    for a, b in zip(ours, theirs):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-4)


def test_a_compiled_retraining_ends_as_one_that_is_not():
    settings = {"drop_path": 0.3, "auxiliary_weight": 0.4}
    state, history, *_ = retrain(WithHead, "off", **settings)
    ours, our_history, retraining, shown = retrain(WithHead, "on", **settings)
    assert_equal(ours, state)
    np.testing.assert_allclose(np.array(our_history[-1]), np.array(history[-1]), atol=1e-4)
    names = {(r.key[0], r.plan.segments[0].training) for r in retraining.compiling.recordings}
    # the first batch is looked at by `forward`; the paths that are dropped grew once
    assert names == {("forward", True), ("forward_twice", True), ("forward", False)}
    assert len(retraining.compiling.recordings) == 4
    assert shown.what == {"recording", "compiling", "comparing"}


def test_a_criterion_that_differentiates_twice_ends_compiling():
    state, *_ = retrain(WithHead, "off", penalised)
    ours, _, retraining, _ = retrain(WithHead, "on", penalised)
    assert_equal(ours, state)
    assert not retraining.compiling.recordings
    assert "create_graph" in retraining.compiling.reason
