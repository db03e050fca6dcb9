"""`fluid.layers.metric_op`: measures of a batch."""

from __future__ import annotations

import numpy as np
import paddle

from .._absent import absent
from .._variable import as_variable, fluid_function

__all__ = ["accuracy", "mean_iou"]


@fluid_function
def hit_rate(input, label, k):
    best = paddle.topk(input, k)[1]
    return (best == label.reshape([-1, 1])).any(1).cast("float32").mean()


def accuracy(input, label, k=1, correct=None, total=None):
    """Return the share of samples whose label [N, 1] is among the k best of `input` [N, C], as [1].

    The numbers of hits and samples are copied into `correct` and `total` where those are given.
    """
    rate = hit_rate(input, label, k).detach()
    samples = input.shape[0]
    for variable, count in ((correct, float(rate) * samples if correct is not None else 0), (total, samples)):
        if variable is not None:
            paddle.assign(paddle.to_tensor([round(count)], dtype="int32"), variable)
    return rate


def mean_iou(input, label, num_classes):
    """Return the mean intersection over union of predicted classes, [1], and wrong and right ones of each class."""
    predicted, true = (part.numpy().reshape(-1).astype("int64") for part in (input, label))
    right = np.bincount(true[predicted == true], minlength=num_classes)
    # Each error counts for the class that was predicted and for the one that was true.
    errors = predicted != true
    wrong = np.bincount(predicted[errors], minlength=num_classes) + np.bincount(true[errors], minlength=num_classes)
    union = right + wrong
    present = union > 0
    mean = (right[present] / union[present]).mean() if present.any() else 0.0
    results = np.array([mean], "float32"), wrong.astype("int32"), right.astype("int32")
    return tuple(as_variable(paddle.to_tensor(result)) for result in results)


__getattr__ = absent(__name__)
