"""`fluid.metrics`: measures over many batches, fed with arrays."""

from __future__ import annotations

import numpy as np

from ._absent import absent

__all__ = [
    "Accuracy",
    "Auc",
    "ChunkEvaluator",
    "CompositeMetric",
    "EditDistance",
    "MetricBase",
    "Precision",
    "Recall",
]


class MetricBase:
    """Base of all: `update` takes a batch, `eval` returns the measure, `reset` starts anew."""

    def __init__(self, name=None):
        self._name = str(name) if name is not None else type(self).__name__
        self.reset()

    def reset(self):
        """Forget all batches."""

    def update(self, *args, **kwargs):
        raise NotImplementedError(f"{type(self).__name__} needs a method `update`")

    def eval(self):
        raise NotImplementedError(f"{type(self).__name__} needs a method `eval`")


class CompositeMetric(MetricBase):
    """Several measures of the same batches."""

    def __init__(self, name=None):
        self._metrics = []
        super().__init__(name)

    def add_metric(self, metric):
        """Add a measure."""
        self._metrics.append(metric)

    def update(self, preds, labels):
        for metric in self._metrics:
            metric.update(preds, labels)

    def eval(self):
        """Return a list of the measures."""
        return [metric.eval() for metric in self._metrics]


class Precision(MetricBase):
    """Share of the positive among those predicted as such; predictions are rounded to 0 or 1."""

    def reset(self):
        self.tp = self.fp = 0

    def update(self, preds, labels):
        predicted, true = binary(preds), np.asarray(labels).reshape(-1).astype(int)
        self.tp += int(((predicted == 1) & (true == 1)).sum())
        self.fp += int(((predicted == 1) & (true != 1)).sum())

    def eval(self):
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0


class Recall(MetricBase):
    """Share of those predicted as positive among the positive; predictions are rounded to 0 or 1."""

    def reset(self):
        self.tp = self.fn = 0

    def update(self, preds, labels):
        predicted, true = binary(preds), np.asarray(labels).reshape(-1).astype(int)
        self.tp += int(((predicted == 1) & (true == 1)).sum())
        self.fn += int(((predicted != 1) & (true == 1)).sum())

    def eval(self):
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0


def binary(preds):
    """Return predictions in [0, 1] as whole numbers [N]."""
    return np.rint(np.asarray(preds)).reshape(-1).astype(int)


class Accuracy(MetricBase):
    """The mean of the batches' accuracies, weighted by their sizes."""

    def reset(self):
        self.value = self.weight = 0.0

    def update(self, value, weight):
        if weight < 0:
            raise ValueError(f"weight must not be negative, got {weight}")
        self.value += value * weight
        self.weight += weight

    def eval(self):
        if self.weight == 0:
            raise ValueError("there is nothing to average; call update(value, weight) first")
        return self.value / self.weight


class ChunkEvaluator(MetricBase):
    """Precision, recall and F1 of chunks from their counts."""

    def reset(self):
        self.num_infer_chunks = self.num_label_chunks = self.num_correct_chunks = 0

    def update(self, num_infer_chunks, num_label_chunks, num_correct_chunks):
        self.num_infer_chunks += int(np.asarray(num_infer_chunks).reshape(-1)[0])
        self.num_label_chunks += int(np.asarray(num_label_chunks).reshape(-1)[0])
        self.num_correct_chunks += int(np.asarray(num_correct_chunks).reshape(-1)[0])

    def eval(self):
        """Return precision, recall and F1."""
        right = float(self.num_correct_chunks)
        precision = right / self.num_infer_chunks if self.num_infer_chunks else 0
        recall = right / self.num_label_chunks if self.num_label_chunks else 0
        f1 = 2 * precision * recall / (precision + recall) if right else 0
        return precision, recall, f1


class EditDistance(MetricBase):
    """The mean edit distance, and the share of sequences with any."""

    def reset(self):
        self.total_distance, self.seq_num, self.instance_error = 0.0, 0, 0

    def update(self, distances, seq_num):
        distances = np.asarray(distances)
        self.total_distance += float(distances.sum())
        self.instance_error += int((distances != 0).sum())
        self.seq_num += int(np.asarray(seq_num).reshape(-1)[0])

    def eval(self):
        """Return the mean distance and the error rate."""
        if self.seq_num == 0:
            raise ValueError("there is nothing to average; call update(distances, seq_num) first")
        return self.total_distance / self.seq_num, self.instance_error / float(self.seq_num)


class Auc(MetricBase):
    """Area under the ROC curve, from counts at `num_thresholds` scores."""

    def __init__(self, name=None, curve="ROC", num_thresholds=4095):
        if curve != "ROC":
            raise ValueError(f"curve must be 'ROC', got {curve!r}")
        self._num_thresholds = num_thresholds
        super().__init__(name)

    def reset(self):
        self.positives = np.zeros(self._num_thresholds + 1)
        self.negatives = np.zeros(self._num_thresholds + 1)

    def update(self, preds, labels):
        """Take scores [N, 2], the second column that of the positive class, and labels [N]."""
        bins = (np.asarray(preds)[:, 1] * self._num_thresholds).astype(int)
        positive = np.asarray(labels).reshape(-1).astype(bool)
        self.positives += np.bincount(bins[positive], minlength=self._num_thresholds + 1)
        self.negatives += np.bincount(bins[~positive], minlength=self._num_thresholds + 1)

    def eval(self):
        """Return the area, 0 without positives or negatives."""
        # From the highest score down: trapezoids between the points of the curve.
        positives = np.concatenate([[0], np.cumsum(self.positives[::-1])])
        negatives = np.concatenate([[0], np.cumsum(self.negatives[::-1])])
        area = ((positives[1:] + positives[:-1]) / 2 * np.diff(negatives)).sum()
        return area / (positives[-1] * negatives[-1]) if positives[-1] and negatives[-1] else 0.0


__getattr__ = absent(__name__)
