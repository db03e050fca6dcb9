"""How often the label is among the largest logits."""

from __future__ import annotations

import paddle

__all__ = ["are_classes", "has_top5", "measure_accuracies", "measure_top1_and_top5"]

FIVE = 5


@paddle.no_grad()
def measure_accuracies(logits, label, ks):
    """Return the share of samples whose label is among the k largest logits, for each k; nothing if it is no class.

    Args:
        logits: `[N, classes]`; anything else has no accuracy.
        label: `[N, 1]` of int64; likewise.
        ks: whole numbers.
    """
    if not are_classes(logits, label):
        return []
    _, best = logits.topk(min(max(ks), logits.shape[-1]))
    hits = (best == label).astype("float32")
    return [hits[:, :k].sum() / label.shape[0] for k in ks]


def measure_top1_and_top5(logits, label):
    """Return the top-1 and the top-5 accuracy as `measure_accuracies` does; the first alone where no top-5 is."""
    if not are_classes(logits, label):
        return []
    return measure_accuracies(logits, label, (1, FIVE) if has_top5(logits.shape[-1]) else (1,))


def has_top5(num_classes):
    """Whether the share of labels among the five largest logits says anything: of five classes or fewer all are."""
    return num_classes > FIVE


def are_classes(logits, label):
    """Whether these are logits `[N, classes]` of two or more classes, and the number of the class of each sample."""
    if not isinstance(logits, paddle.Tensor) or not isinstance(label, paddle.Tensor):
        return False
    is_table = len(logits.shape) == 2 and logits.shape[-1] > 1 and logits.is_floating_point()
    return is_table and label.dtype == paddle.int64 and list(label.shape) == [logits.shape[0], 1]
