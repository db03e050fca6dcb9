"""Metrics of a run: by name, as functions, as Paddle's objects."""

import logging

import numpy as np
import paddle
import pytest
from paddle import nn

from paddleslim.nas.darts.distributed.ranks import Ranks
from paddleslim.nas.darts.training.measures import METRICS, Measure, Measures, as_scalar, begin_meters, update_meters
from paddleslim.nas.darts.training.reports import EpochReport
from paddleslim.nas.darts.training.save_checkpoints import find_best
from tests.searches import StopAt, make_search, summarize


def value(name, outputs, label):
    outputs = (
        [paddle.to_tensor(np.array(o)) for o in outputs] if isinstance(outputs, tuple) else paddle.to_tensor(outputs)
    )
    return float(METRICS[name].function(outputs, paddle.to_tensor(label)))


def test_accuracy_is_of_samples_pixels_and_tags_and_leaves_ignored_ones_out():
    logits = np.array([[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]], "float32")
    assert value("accuracy", logits, [[0], [1], [1]]) == pytest.approx(2 / 3)
    assert value("accuracy", logits, [[0], [-100], [1]]) == pytest.approx(1 / 2)
    assert value("accuracy", logits.T[None], [[0, 1, 1]]) == pytest.approx(2 / 3)
    assert value("accuracy", (logits, logits * 0), [[0], [1], [0]]) == pytest.approx(1.0)


def test_the_other_names_mean_what_they_say():
    logits = np.array([[[2.0, 0.0, 2.0, 2.0], [0.0, 1.0, 0.0, 0.0]]], "float32")  # says 0 1 0 0
    assert value("mean_iou", logits, [[0, 1, 1, 0]]) == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert value("binary_accuracy", [[1.0, -1.0], [1.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]) == pytest.approx(3 / 4)
    assert value("mse", [[1.0], [3.0]], [[0.0], [0.0]]) == pytest.approx(5.0)
    assert value("mae", [[1.0], [-3.0]], [[0.0], [0.0]]) == pytest.approx(2.0)
    six = np.eye(6, dtype="float32") + np.arange(6, dtype="float32")
    assert value("top5", six, np.zeros([6, 1], "int64")) == pytest.approx(1 / 6)
    with pytest.raises(ValueError, match="metric top5 needs more than 5 classes, got 3; measure 'accuracy'"):
        value("top5", np.eye(3, dtype="float32"), np.zeros([3, 1], "int64"))


@pytest.mark.parametrize(
    ("metrics", "message"),
    [
        (["acuracy"], "no metric is called 'acuracy'"),
        ("accuracy", "must be a list"),
        ([3], "must hold names, functions"),
        ([lambda o, y: 0], "without a name"),
        (["mae", "mae"], "twice"),
        ([paddle.metric.Accuracy], r"write Accuracy\(\)"),
        ([Measure("loss", abs)], "the loss is shown anyway"),
    ],
)
def test_what_is_no_metric_is_refused(metrics, message):
    with pytest.raises((TypeError, ValueError), match=message):
        Measures()("metrics", metrics)


def mean_logit(outputs, label):
    return outputs.mean()


def test_all_kinds_of_metrics_are_logged_and_reported(tmp_path, caplog):
    logging.getLogger("paddleslim").addHandler(caplog.handler)
    try:
        search = make_search(
            tmp_path, metrics=["accuracy", mean_logit, paddle.metric.Accuracy(topk=(1, 5))], num_epochs=1
        )
        search.train()
    finally:
        logging.getLogger("paddleslim").removeHandler(caplog.handler)
    report = search.history[0]
    assert report.valid_metrics["acc_top1"] == pytest.approx(report.valid_metrics["accuracy"]) == report.valid_accuracy
    assert list(report.train_metrics) == ["accuracy", "mean_logit", "acc_top1", "acc_top5"]
    lines = [record.getMessage() for record in caplog.records]
    assert f"Epoch 0, valid_mean_logit {report.valid_metrics['mean_logit']:.6f}" in lines
    assert any(
        "accuracy " in line and "acc_1" not in line for line in lines if line.startswith("Train Epoch 0, Step 0")
    )


def test_metrics_resume_within_an_epoch_bit_for_bit(tmp_path):
    def make(folder, **options):
        return make_search(folder, metrics=[mean_logit, paddle.metric.Accuracy(topk=(1, 5))], num_epochs=2, **options)

    whole = make(tmp_path / "whole")
    whole.train()
    halves = make(tmp_path / "halves", checkpoint_steps=1, callbacks=[StopAt(3)])
    with pytest.raises(KeyboardInterrupt):
        halves.train()
    resumed = make(tmp_path / "halves")
    resumed.train(resume=True)
    assert summarize(resumed) == summarize(whole)
    assert [r.train_metrics for r in resumed.history] == [r.train_metrics for r in whole.history]


@pytest.mark.parametrize("value", [np.array(0.5), np.array([[0.5]]), np.float64(0.5), paddle.to_tensor([0.5])])
def test_a_metric_may_be_one_number_of_any_kind(value):
    assert float(as_scalar(METRICS["mse"], value)) == 0.5


def test_a_metric_must_be_one_number(tmp_path):
    with pytest.raises(ValueError, match="metric rows must return one number"):
        make_search(tmp_path, metrics=[Measure("rows", lambda o, y: o.mean(axis=1))]).train()


def test_the_first_metric_decides_on_the_best_epoch():
    def history(*values):
        return [EpochReport(e, 1, 0.1, 1.0, None, None, 1.0 + e, valid_metrics={"m": v}) for e, v in enumerate(values)]

    assert find_best(history(1.0, 3.0, 2.0), (Measure("m", nn.Identity()),)) == 1
    assert find_best(history(1.0, 3.0, 0.5), (Measure("m", nn.Identity(), lower_is_better=True),)) == 2
    assert find_best(history(1.0, 3.0)) == 0  # the least loss
    assert find_best(history(float("nan"), 3.0, 4.0), (Measure("m", nn.Identity()),)) == 2
    assert find_best(history(float("nan"), 3.0, 4.0), (Measure("m", nn.Identity(), lower_is_better=True),)) == 1


@pytest.mark.parametrize("metric", ["accuracy", paddle.metric.Accuracy(name="acc"), Measure("own", lambda o, y: 1 / 0)])
def test_a_metric_that_fails_is_named_with_what_it_was_given(metric):
    outputs, label = (paddle.zeros([4, 3]), paddle.zeros([4, 1])), (paddle.zeros([4, 1]), paddle.zeros([4, 1]))
    (measure,) = Measures()("metrics", [metric])
    name = getattr(measure, "name", None) if isinstance(measure, Measure) else "acc"
    message = rf"metric {name} failed on \(\[4, 3\], \[4, 1\]\) and \(\[4, 1\], \[4, 1\]\) \(\w+Error.*give one that"
    with pytest.raises(ValueError, match=message):
        update_meters((measure,), begin_meters((measure,)), outputs, label, 4, Ranks())


def test_a_search_without_a_metric_shows_the_loss(tmp_path):
    search = make_search(tmp_path, metrics=(), num_epochs=1)
    search.train()
    assert search.history[0].valid_accuracy is None
    assert np.isfinite(search.history[0].valid_loss)
