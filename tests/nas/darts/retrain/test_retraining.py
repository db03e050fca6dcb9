import dataclasses

import numpy as np
import paddle
import pytest
from paddle import nn

from paddleslim.nas.darts import DARTS_V2, Callback
from paddleslim.nas.darts.data import Batches, ShuffledBatches, load_digits
from paddleslim.nas.darts.retrain import CellNetwork, Retraining, RetrainSettings, SaveNetwork
from paddleslim.nas.darts.retrain import retraining as retraining_module
from paddleslim.nas.darts.retrain.task import smoothed_cross_entropy
from paddleslim.nas.darts.training import loop as loop_module
from tests.rounding import Rounding

SETTINGS = RetrainSettings(channels=2, layers=2, epochs=2, batch_size=32)
DIGITS = load_digits().take(np.arange(64))


class Linear(nn.Layer):
    """Logits linear in the pixels, and the same twice."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(64, 10)

    def genotype(self):
        return "linear"

    def forward(self, image):
        return self.linear(image.flatten(1))

    def forward_twice(self, image):
        return self(image), None


def retraining(network=None, settings=SETTINGS, **options):
    batches = ShuffledBatches(DIGITS, settings.batch_size, 0), Batches(DIGITS, 50)
    return Retraining(network or Linear(), *batches, settings, **options)


def test_label_smoothing_is_the_cross_entropy_against_spread_targets():
    logits = np.random.default_rng(0).standard_normal([6, 4])
    label = np.array([0, 1, 2, 3, 1, 0])
    target = 0.9 * np.eye(4)[label] + 0.1 / 4
    expected = -(target * (logits - np.log(np.exp(logits).sum(1, keepdims=True)))).sum(1).mean()
    got = smoothed_cross_entropy(paddle.to_tensor(logits), paddle.to_tensor(label[:, None]), 0.1)
    assert float(got) == pytest.approx(expected, rel=1e-6)


def test_the_steps_are_those_of_sgd_with_momentum_and_decay():
    settings = dataclasses.replace(SETTINGS, epochs=1, learning_rate=0.1, weight_decay=0.01, grad_clip=None)
    network = Linear()
    weight, velocity = network.linear.weight.numpy().astype("float64"), 0.0
    bias, bias_velocity = np.zeros(10), 0.0
    retraining(network, settings).train()
    for image, label in ShuffledBatches(DIGITS, 32, 0):
        x = image.reshape(32, 64)
        logits = x @ weight + bias
        p = np.exp(logits - logits.max(1, keepdims=True))
        error = (p / p.sum(1, keepdims=True) - np.eye(10)[label[:, 0]]) / 32
        velocity = 0.9 * velocity + x.T @ error + 0.01 * weight
        bias_velocity = 0.9 * bias_velocity + error.sum(0) + 0.01 * bias
        weight, bias = weight - 0.1 * velocity, bias - 0.1 * bias_velocity
    np.testing.assert_allclose(network.linear.weight.numpy(), weight, atol=1e-5)
    np.testing.assert_allclose(network.linear.bias.numpy(), bias, atol=1e-5)


def test_rates_follow_the_schedule_and_paths_are_dropped_more_and_more():
    settings = dataclasses.replace(SETTINGS, epochs=4, drop_path=0.4)
    dropped, rates = [], []

    class Note(Callback):
        def on_epoch_end(self, search, report):
            dropped.append(search.model.drop_path)
            rates.append(report.learning_rate)

    retraining(settings=settings, callbacks=[Note()]).train()
    np.testing.assert_allclose(dropped, [0, 0.1, 0.2, 0.3])
    np.testing.assert_allclose(rates, [settings.learning_rate * settings.learning_rate_factor(e) for e in range(4)])


def test_a_batch_that_is_skipped_leaves_the_gradients_that_were_accumulated():
    def train(batches):
        paddle.seed(1)
        network = nn.Linear(2, 3)
        settings = RetrainSettings(epochs=1, learning_rate=0.1)
        Retraining(network, batches, good, settings, accumulate_steps=3, skip_nonfinite=1).train()
        return network.weight.numpy()

    rng = np.random.default_rng(0)
    good = [(rng.standard_normal([4, 2]).astype("float32"), rng.integers(0, 3, [4, 1])) for _ in range(3)]
    bad = np.full([4, 2], np.nan, "float32"), good[0][1]
    np.testing.assert_array_equal(train([good[0], bad, good[1], good[2]]), train(good))


@pytest.mark.parametrize("settings", [3, None, {"epochs": 2}, RetrainSettings], ids=repr)
def test_settings_of_another_type_are_refused(settings):
    with pytest.raises(TypeError, match=r"^settings must be a RetrainSettings, such as"):
        Retraining(Linear(), ShuffledBatches(DIGITS, 32, 0), Batches(DIGITS, 32), settings)


def test_the_auxiliary_loss_is_added_with_its_weight():
    class Twice(Linear):
        def forward_twice(self, image):
            return self(image), self(image)

    class First(Callback):
        def on_step_end(self, search, report):
            if report.phase == "Train" and report.step == 0 and report.epoch == 0:
                losses.append(float(report.loss.avg))

    losses = []
    network = Twice()
    weights = network.state_dict()
    plain = Linear()
    plain.set_state_dict(weights)
    for model in (plain, network):
        settings = dataclasses.replace(SETTINGS, epochs=1, auxiliary_weight=0.4)
        retraining(model, settings, callbacks=[First()]).train()
    assert losses[1] == pytest.approx(1.4 * losses[0], rel=1e-5)


def test_held_out_images_are_looked_at_when_asked_and_after_the_last_epoch():
    settings = dataclasses.replace(SETTINGS, epochs=5)
    trained = retraining(settings=settings, valid_freq=2)
    accuracy = trained.train()
    assert [r.valid_accuracy is not None for r in trained.history] == [False, True, False, True, True]
    assert accuracy == trained.history[-1].valid_accuracy


def test_a_discrete_network_learns_what_it_sees():
    paddle.seed(0)
    settings = dataclasses.replace(SETTINGS, channels=4, epochs=10, learning_rate=0.1, batch_size=16)
    trained = retraining(CellNetwork(DARTS_V2, 4, 10, 2, 1), settings)
    trained.train()
    assert trained.history[-1].train_loss < 0.5 * trained.history[0].train_loss


def test_mixed_precision_is_for_training_on_gpus(monkeypatch):
    with pytest.raises(ValueError, match="amp is 'bfloat16' and place is 'cpu', but Paddle has mixed precision on"):
        retraining(amp="bfloat16")
    rounding = Rounding()
    monkeypatch.setattr(retraining_module, "check_amp", lambda amp, device: None)
    monkeypatch.setattr(loop_module, "autocast", rounding.autocast)
    exact, network, passes = Linear(), Linear(), []
    network.set_state_dict(exact.state_dict())
    network.register_forward_pre_hook(lambda layer, inputs: passes.append((layer.training, rounding.inside)))
    with rounding.of_paddles_operators():
        trained, exactly = retraining(network, amp="bfloat16"), retraining(exact)
        trained.train(), exactly.train()
    assert {inside for training, inside in passes if training} == {True}
    assert {inside for training, inside in passes if not training} == {False}
    loss, exact_loss = (each.history[-1].train_loss for each in (trained, exactly))
    assert 0 < abs(loss - exact_loss) < 0.01 * exact_loss


def test_the_network_is_saved_after_each_epoch(tmp_path):
    network = Linear()
    retraining(network, callbacks=[SaveNetwork(tmp_path / "deep" / "network.pdparams")]).train()
    saved = paddle.load(str(tmp_path / "deep" / "network.pdparams"))
    np.testing.assert_array_equal(saved["linear.weight"].numpy(), network.linear.weight.numpy())
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["network.pdparams"]


def test_a_diverged_training_stops_and_says_so():
    settings = dataclasses.replace(SETTINGS, learning_rate=1e30, grad_clip=None, epochs=3)
    aborted = []

    class Note(Callback):
        def on_search_abort(self, search, error):
            aborted.append(error)

    with pytest.raises(FloatingPointError, match=r"epoch 1, step 0: the training loss is nan.*lower the learning rate"):
        retraining(settings=settings, callbacks=[Note()]).train()
    assert len(aborted) == 1
