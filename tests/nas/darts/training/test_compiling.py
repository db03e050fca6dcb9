import random

import numpy as np
import paddle
import pytest
from paddle import nn
from paddle.nn import functional as F

from paddleslim.kernels.graph.function import GraphFunction
from paddleslim.nas.darts.training.compiling import Compiling
from tests.layers import Doubled


class Mixed(nn.Layer):
    """A network of enough operators to be compiled, with a place for something else."""

    def __init__(self, extra=lambda x: x):
        super().__init__()
        self.stem = nn.Conv2D(3, 4, 3, padding=1)
        self.branches = nn.LayerList(
            nn.Sequential(nn.ReLU(), nn.Conv2D(4, 4, 3, padding=1), nn.BatchNorm2D(4)) for _ in range(7)
        )
        self.alphas = self.create_parameter([7])
        self.classifier = nn.Linear(4, 5)
        self.extra, self.factor = extra, 1.0

    def forward(self, image):
        x, weights = self.stem(image), F.softmax(self.alphas)
        x = sum(weights[k] * branch(x) for k, branch in enumerate(self.branches))
        return self.classifier(self.extra(x).mean(axis=[2, 3])) * self.factor


def images(batch=4, size=6):
    return paddle.to_tensor(np.random.RandomState(batch).randn(batch, 3, size, size).astype("float32"))


def compare(network, sentences, mode="on", batches=(4, 4, 3, 1)):
    """Return whether the network ran compiled; what it returns is what it returns by itself."""
    compiling = Compiling(network, mode, "cpu", sentences.append)
    for batch in batches:
        before = {name: value.numpy().copy() for name, value in network.state_dict().items()}
        paddle.seed(batch)
        theirs = network(images(batch))
        moved = {name: value.numpy().copy() for name, value in network.state_dict().items()}
        network.set_state_dict(before)
        paddle.seed(batch)
        with compiling.active():
            ours = network(images(batch))
        np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-4, atol=1e-5)
        for name, value in network.state_dict().items():
            np.testing.assert_allclose(value.numpy(), moved[name], rtol=1e-5, atol=1e-6, err_msg=name)
    return bool(compiling.recordings)


def test_a_network_is_compiled_in_both_modes_and_says_so_once_each():
    network, sentences = Mixed(), []
    assert compare(network, sentences)
    network.eval()
    assert compare(network, sentences)
    assert ["compiled in" in sentence for sentence in sentences] == [True, True]
    assert "linear" in sentences[0]


def test_gradients_are_the_networks_own():
    network = Mixed()
    compiling = Compiling(network, "on", "cpu", lambda sentence: None)

    def gradients():
        weights = [p for p in network.parameters() if not p.stop_gradient]
        return [g.numpy() for g in paddle.grad((network(images()) ** 2).sum(), weights)]

    theirs = gradients()
    with compiling.active():
        ours = gradients()
    assert compiling.recordings
    for a, b in zip(ours, theirs):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)


def test_dropout_draws_the_same_numbers():
    network, sentences = Mixed(lambda x: F.dropout(x, 0.5)), []
    assert compare(network, sentences)
    assert "dropout" in sentences[0]


def test_weights_that_an_optimizer_moves_are_seen():
    network = Mixed()
    compiling = Compiling(network, "on", "cpu", lambda sentence: None)
    optimizer = paddle.optimizer.SGD(0.1, network.parameters())
    for _ in range(2):
        with compiling.active():
            (network(images()) ** 2).mean().backward()
        optimizer.step()
        optimizer.clear_grad()
    assert compiling.recordings
    assert compare(network, [])


def test_an_attribute_that_changes_is_seen():
    network, sentences = Mixed(), []
    compiling = Compiling(network, "on", "cpu", sentences.append)
    with compiling.active():
        first = network(images()).numpy()
        network.factor = 2.0
        np.testing.assert_allclose(network(images()).numpy(), 2 * first, rtol=1e-3, atol=1e-5)
    assert len(sentences) == 2


def test_an_attribute_that_changes_again_and_again_ends_compiling():
    network, sentences = Mixed(), []
    compiling = Compiling(network, "on", "cpu", sentences.append)
    with compiling.active():
        for k in range(20):
            network.factor = float(k)
            network(images(2))
    assert compiling.off
    assert "`Mixed.factor` changes again and again" in sentences[-1]


class Counting:
    calls = 0

    def __call__(self, x):
        self.calls += 1
        return x


@pytest.mark.parametrize(
    ("reason", "extra"),
    [
        ("reads the values", lambda x: x if x.mean() > 0 else -x),
        ("numpy or Python", lambda x: x * random.random()),
        ("numpy or Python", lambda x: x * float(np.random.rand())),
        ("changes `Counting.calls`|changes `Mixed.calls`", Counting()),
    ],
)
def test_what_cannot_be_compiled_runs_as_written_and_says_why(reason, extra):
    network, sentences = Mixed(extra), []
    network.eval()
    with Compiling(network, "on", "cpu", sentences.append).active():
        for _ in range(2):  # a layer may complete itself in its first call
            assert network(images()).shape == [4, 5]
    assert len(sentences) == 1
    assert "operator by operator" in sentences[0]


def test_hooks_of_layers_are_not_compiled_away():
    network, sentences, seen = Mixed(), [], []
    network.branches[2].register_forward_post_hook(lambda *_: seen.append(1))
    with Compiling(network, "on", "cpu", sentences.append).active():
        network(images())
    assert "hooks" in sentences[0]
    assert seen == [1]


def test_a_small_network_is_left_alone_unless_asked():
    sentences: list = []
    assert not compare(Mixed(), sentences, mode="auto")
    assert not compare(Mixed(), sentences, mode="off")
    assert sentences == []


def test_the_class_is_as_before_outside():
    network, before = Mixed(), Mixed.forward
    with Compiling(network, "on", "cpu", lambda sentence: None).active():
        assert Mixed.forward is not before
        other = Mixed()
        other.factor = 0.0
        assert float(other(images()).abs().sum()) == 0.0
    assert Mixed.forward is before


class Cells(nn.Layer):
    """Cells that can be compiled, and something between them that cannot."""

    def __init__(self):
        super().__init__()
        self.cells = nn.LayerList(Mixed(lambda x: x) for _ in range(2))

    def forward(self, image):
        first = self.cells[0](image)
        return self.cells[1](image * Doubled.apply(first).mean())


class Penalised(Mixed):
    """Has the gradient in the images as a part of its loss; Paddle has no second derivative of a softmax."""

    def forward(self, image):
        x = self.stem(image)
        x = sum(self.alphas[k] * branch(x) for k, branch in enumerate(self.branches))
        return self.classifier(x.mean(axis=[2, 3]))

    def _loss(self, image, label):
        image = image.clone()
        image.stop_gradient = False
        outputs = self(image)
        (gradient,) = paddle.grad(outputs.sum(), [image], create_graph=True)
        return F.cross_entropy(outputs, label) + (gradient**2).sum()


def gradients_of(network):
    return paddle.grad((network(images()) ** 2).sum(), [p for p in network.parameters() if not p.stop_gradient])


def test_cells_are_compiled_where_the_network_cannot_be():
    paddle.seed(1)
    network, sentences, shown = Cells(), [], []
    assert compare(network, sentences)
    assert sentences[0].endswith("2 x Mixed; the rest of Cells runs operator by operator: it uses a PyLayer")
    theirs = [g.numpy() for g in gradients_of(network)]
    with Compiling(network, "on", "cpu", sentences.append, shown.append).active():
        ours = [g.numpy() for g in gradients_of(network)]
    for a, b in zip(ours, theirs):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4 * max(1.0, np.abs(b).max()))
    assert {"recording", "compiling", "comparing"} == {what.split()[0] for what in shown}


def test_second_derivatives_are_refused_with_the_remedy():
    network = Mixed()
    with Compiling(network, "on", "cpu", lambda sentence: None).active():
        loss = (network(images()) ** 2).sum()
        with pytest.raises(Exception, match="compile='off'"):
            paddle.grad(loss, [network.stem.weight], create_graph=True)


def test_a_loss_with_second_derivatives_is_computed_anew_and_not_compiled():
    paddle.seed(2)
    network, sentences = Penalised(), []
    label = paddle.to_tensor([[0], [1], [2], [3]])
    state = {name: value.numpy().copy() for name, value in network.state_dict().items()}

    def differentiate():
        network.set_state_dict(state)
        loss = network._loss(images(), label)
        gradients = paddle.grad(loss, [network.stem.weight, network.alphas])
        return [loss.numpy(), *(g.numpy() for g in gradients), *(b.numpy().copy() for b in network.buffers())]

    theirs = differentiate()
    with Compiling(network, "on", "cpu", sentences.append).active():
        network(images())
        ours = differentiate()
    for a, b in zip(ours, theirs):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)
    assert "create_graph" in sentences[-1]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [(lambda g: g * 1.2, "by 20.0% in the gradient of `"), (lambda g: None, "in that the gradient of `")],
)
def test_gradients_that_differ_in_the_first_step_end_compiling_with_what_differed(monkeypatch, wrong, message):
    backward = GraphFunction.backward

    def differ(self, inputs, saved, gradients, wanted):
        found = backward(self, inputs, saved, gradients, wanted)
        return [wrong(g) if g is not None and g.shape == [4, 3, 3, 3] else g for g in found]

    network, sentences = Mixed(), []
    monkeypatch.setattr(GraphFunction, "backward", differ)
    assert not compare(network, sentences, batches=(4,))
    assert "its first step differs" in sentences[0]
    assert f"{message}stem.weight`" in sentences[0]
