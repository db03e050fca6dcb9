"""How often the label is among the largest logits."""

from __future__ import annotations

import paddle

__all__ = ["measure_accuracies"]


@paddle.no_grad()
def measure_accuracies(logits, label, ks):
    """Return the share of samples whose label is among the k largest logits, for each k; logits `[N, classes]`."""
    _, best = logits.topk(min(max(ks), logits.shape[-1]))
    hits = (best == label).astype("float32")
    return [hits[:, :k].sum() / label.shape[0] for k in ks]
