"""Networks and tasks of the user's own, retrained as they were searched."""

import itertools

import numpy as np
import paddle
import pytest
from paddle import nn

from paddleslim.nas.darts.retrain import Retraining, RetrainSettings
from paddleslim.nas.darts.training.measures import Measure
from tests.searches import StopAt, summarize

RNG = np.random.default_rng(0)
SETTINGS = RetrainSettings(epochs=2, batch_size=4, learning_rate=0.1)


class Sum(nn.Layer):
    """Two inputs, two outputs."""

    def __init__(self):
        super().__init__()
        self.left, self.right = nn.Linear(3, 2), nn.Linear(2, 2)

    def forward(self, left, right):
        return self.left(left) + self.right(right), self.left(left)


def batches(count=4):
    return [tuple(RNG.standard_normal([4, n]).astype("float32") for n in (3, 2, 2)) for _ in range(count)]


def squares(outputs, target):
    return sum(nn.functional.mse_loss(output, target) for output in outputs)


def error(outputs, target):
    return (outputs[0] - target).abs().mean()


def momentum(weights):
    rate = paddle.optimizer.lr.LinearWarmup(paddle.optimizer.lr.ExponentialDecay(0.1, 0.5), 2, 0.0, 0.1)
    return paddle.optimizer.AdamW(rate, parameters=weights)


def retrain(network=None, reader=None, valid=None, settings=SETTINGS, **options):
    paddle.seed(0)
    reader = reader or batches()
    return Retraining(network or Sum(), reader, valid or reader, settings, **{"criterion": squares, **options})


def test_a_network_without_genotype_learns_a_task_of_its_own():
    trained = retrain(settings=RetrainSettings(epochs=20, learning_rate=0.05), metrics=["mae", error])
    result = trained.train()
    assert trained.history[-1].train_loss < trained.history[0].train_loss
    assert result == trained.history[-1].valid_metrics["mae"]
    assert trained.history[-1].valid_metrics["error"] == pytest.approx(result)
    assert (trained.history[-1].genotype, trained.history[-1].valid_accuracy) == (None, None)


def test_without_metrics_the_result_is_the_loss():
    trained = retrain()
    assert trained.train() == trained.history[-1].valid_loss


def test_the_users_optimizer_warms_up_step_by_step_and_resumes_bit_for_bit(tmp_path):
    data = batches()

    def make(folder, **options):
        options = {"weight_optimizer": momentum, "accumulate_steps": 3, "metrics": ["mae"], "valid_freq": 1, **options}
        return retrain(reader=data, save_dir=str(folder), **options)

    whole = make(tmp_path / "whole")
    whole.train()
    # 8 batches make 2 weight steps: the rate is 0, then 0.05
    assert whole.learning_rate_now == pytest.approx(0.1)
    for stop in (2, 4, 10):
        with pytest.raises(KeyboardInterrupt):
            make(tmp_path / str(stop), checkpoint_steps=1, callbacks=[StopAt(stop)]).train()
        resumed = make(tmp_path / str(stop))
        resumed.train(resume=True)
        assert summarize(resumed) == summarize(whole)


def test_two_half_batches_make_the_step_of_a_whole_one():
    data = batches()
    halves = [tuple(part[i : i + 2] for part in batch) for batch in data for i in (0, 2)]
    whole, parts = retrain(reader=data), retrain(reader=halves, accumulate_steps=2)
    whole.train(), parts.train()
    for one, other in zip(whole.model.parameters(), parts.model.parameters()):
        np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-5, atol=1e-6)


def test_a_function_that_never_ends_is_read_as_long_as_asked():
    trained = retrain(reader=lambda: itertools.cycle(batches(2)), steps_per_epoch=5)
    trained.train()
    assert [report.steps for report in trained.history] == [5, 5]


def test_dictionaries_and_unpack_reach_the_network():
    named = [{"left": left, "right": right, "label": target} for left, right, target in batches()]
    other = [{"x": (left, right), "y": target} for left, right, target in batches()]
    retrain(reader=named).train()
    retrain(reader=other, unpack=lambda batch: (batch["x"], batch["y"])).train()


class Linear(nn.Layer):
    def __init__(self, outputs=3):
        super().__init__()
        self.linear = nn.Linear(4, outputs)
        self.drop_path = nn.Dropout(0.5)  # an own layer of that name

    def forward(self, x):
        return self.linear(self.drop_path(x))


@pytest.mark.parametrize(
    ("network", "label", "options", "message"),
    [
        (Linear(), [0.5, 1.0], {}, "label must be of integers.*give a criterion"),
        (Linear(), [0, 3], {}, "below 3, the number of classes"),
        (Sum(), [0, 1], {}, "does not take them"),
        (lambda x: x, [0, 1], {}, "must be a paddle.nn.Layer"),
        (Linear(), [0, 1], {"weight_optimizer": lambda w: 3}, "it returned 3"),
        (Linear(), [0, 1], {"metrics": [Measure("rows", lambda o, y: o.mean(axis=1))]}, "must return one number"),
    ],
)
def test_what_cannot_be_trained_is_one_sentence(network, label, options, message):
    data = [(RNG.standard_normal([2, 4]).astype("float32"), np.array(label))]
    with pytest.raises((TypeError, ValueError), match=message):
        retrain(network, data, criterion=None, **options).train()


def test_a_genotype_that_no_checkpoint_can_hold_is_refused_at_once(tmp_path):
    class Odd(Linear):
        def genotype(self):
            return [object()]

    data = [(RNG.standard_normal([2, 4]).astype("float32"), np.array([0, 1]))]
    with pytest.raises(ValueError, match=r"the genotype\[0\] is a object"):
        retrain(Odd(), data, criterion=None, save_dir=tmp_path)


def test_several_outputs_need_a_criterion():
    class Twice(Linear):
        def forward(self, x):
            return super().forward(x), x

    data = [(RNG.standard_normal([2, 4]).astype("float32"), np.array([0, 1]))]
    with pytest.raises(TypeError, match=r"Twice.forward returns 2 arrays.*give criterion="):
        retrain(Twice(), data, criterion=None).train()


def test_frozen_weights_stay_and_all_of_them_are_refused():
    network = Linear()
    network.linear.weight.stop_gradient = True
    before = network.linear.weight.numpy()
    data = [(RNG.standard_normal([2, 4]).astype("float32"), np.array([0, 1]))]
    retrain(network, data, criterion=None).train()
    np.testing.assert_array_equal(network.linear.weight.numpy(), before)
    network.linear.bias.stop_gradient = True
    with pytest.raises(ValueError, match="the network has no weight that is trained"):
        retrain(network, data, criterion=None).train()
