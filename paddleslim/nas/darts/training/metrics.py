"""How often the label is among the largest logits."""

from __future__ import annotations

import paddle

__all__ = ["are_classes", "measure_accuracies"]


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


def are_classes(logits, label):
    """Whether these are logits `[N, classes]` of two or more classes, and the number of the class of each sample."""
    if not isinstance(logits, paddle.Tensor) or not isinstance(label, paddle.Tensor):
        return False
    is_table = len(logits.shape) == 2 and logits.shape[-1] > 1 and logits.is_floating_point()
    return is_table and label.dtype == paddle.int64 and list(label.shape) == [logits.shape[0], 1]
