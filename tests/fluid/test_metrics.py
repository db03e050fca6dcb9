import numpy as np
import pytest
from sklearn.metrics import roc_auc_score


def test_accuracy_is_weighted_by_the_batches(fluid):
    metric = fluid.metrics.Accuracy()
    metric.update(1.0, 1)
    metric.update(0.0, 3)
    assert metric.eval() == 0.25
    metric.reset()
    with pytest.raises(ValueError, match="nothing to average"):
        metric.eval()


def test_precision_and_recall_count_rounded_scores(fluid):
    both = fluid.metrics.CompositeMetric()
    both.add_metric(fluid.metrics.Precision())
    both.add_metric(fluid.metrics.Recall())
    both.update(np.array([[0.9], [0.8], [0.2], [0.1]]), np.array([[1], [0], [1], [0]]))
    assert both.eval() == [0.5, 0.5]


def test_auc_is_that_of_the_curve(fluid):
    generator = np.random.RandomState(0)
    label = generator.randint(0, 2, 200)
    score = np.clip(0.3 * label + generator.rand(200) * 0.7, 0, 1)
    metric = fluid.metrics.Auc("auc")
    metric.update(np.stack([1 - score, score], 1), label)
    assert metric.eval() == pytest.approx(roc_auc_score(label, score), abs=1e-3)


def test_chunks_give_precision_recall_and_f1(fluid):
    metric = fluid.metrics.ChunkEvaluator()
    metric.update(np.array([10]), np.array([9]), np.array([8]))
    metric.update(3, 2, 1)
    assert metric.eval() == pytest.approx((9 / 13, 9 / 11, 18 / 24))


def test_edit_distances_give_mean_and_error_rate(fluid):
    metric = fluid.metrics.EditDistance("distance")
    metric.update(np.array([[0.0], [2.0]]), np.array([2]))
    assert metric.eval() == (1.0, 0.5)


def test_a_weighted_average_takes_arrays(fluid):
    average = fluid.average.WeightedAverage()
    average.add(np.array([2.0]), 1)
    average.add(4.0, 3)
    assert average.eval() == 3.5
