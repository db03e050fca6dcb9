"""`fluid.layers.loss`: one number for each sample, [N, 1], unless it says otherwise."""

from __future__ import annotations

import paddle
from paddle.nn import functional as F

from .._absent import absent
from .._variable import fluid_function
from ._shape import encode

__all__ = [
    "bpr_loss",
    "cross_entropy",
    "dice_loss",
    "huber_loss",
    "kldiv_loss",
    "label_smooth",
    "log_loss",
    "margin_rank_loss",
    "mse_loss",
    "npair_loss",
    "rank_loss",
    "sigmoid_cross_entropy_with_logits",
    "smooth_l1",
    "softmax_with_cross_entropy",
    "square_error_cost",
    "teacher_student_sigmoid_loss",
    "warpctc",
]


@fluid_function
def cross_entropy(input, label, soft_label=False, ignore_index=-100):
    """Return -log(input[label]) of probabilities [..., C], or -sum(label * log(input)) for soft labels.

    A label of `ignore_index` costs nothing. For logits there is `softmax_with_cross_entropy`.
    """
    if soft_label:
        return -(label * paddle.log(input)).sum(-1, keepdim=True)
    label = label if label.ndim == input.ndim else label.unsqueeze(-1)
    kept = label != ignore_index
    chosen = paddle.take_along_axis(input, paddle.where(kept, label, paddle.zeros_like(label)), -1)
    # An ignored sample gets probability 1, so that its gradient is 0 too.
    return -paddle.log(paddle.where(kept, chosen, paddle.ones_like(chosen)))


@fluid_function
def softmax_with_cross_entropy(
    logits,
    label,
    soft_label=False,
    ignore_index=-100,
    numeric_stable_mode=True,
    return_softmax=False,
    axis=-1,
):
    """Return the cross entropy of softmax(logits) along `axis`, which stays with length 1."""
    loss = F.cross_entropy(logits, label, ignore_index=ignore_index, reduction="none", soft_label=soft_label, axis=axis)
    return (loss, F.softmax(logits, axis)) if return_softmax else loss


@fluid_function
def sigmoid_cross_entropy_with_logits(x, label, ignore_index=-100, name=None, normalize=False):
    """Return max(x, 0) - x * label + log(1 + exp(-|x|)); `normalize` divides by the number of labels that count."""
    kept = (label != ignore_index).cast(x.dtype)
    loss = (F.relu(x) - x * label + paddle.log1p(paddle.exp(-paddle.abs(x)))) * kept
    return loss / paddle.clip(kept.sum(), min=1.0) if normalize else loss


@fluid_function
def square_error_cost(input, label):
    """Return (input - label)^2, element by element."""
    return paddle.square(input - label)


@fluid_function
def mse_loss(input, label):
    """Return the mean of (input - label)^2, as [1]."""
    return paddle.square(input - label).mean()


@fluid_function
def smooth_l1(x, y, inside_weight=None, outside_weight=None, sigma=None):
    """Return the sum over each sample of d^2 sigma^2 / 2 where |d| < 1 / sigma^2, else |d| - 1 / (2 sigma^2).

    d is inside_weight * (x - y); `outside_weight` multiplies the terms.
    """
    squared_sigma = (1.0 if sigma is None else sigma) ** 2
    difference = x - y if inside_weight is None else inside_weight * (x - y)
    size = paddle.abs(difference)
    terms = paddle.where(
        size < 1.0 / squared_sigma, 0.5 * squared_sigma * difference * difference, size - 0.5 / squared_sigma
    )
    terms = terms if outside_weight is None else terms * outside_weight
    return terms.reshape([x.shape[0], -1]).sum(1, keepdim=True)


@fluid_function
def huber_loss(input, label, delta):
    """Return d^2 / 2 where |d| <= delta, else delta * (|d| - delta / 2), d = label - input, element by element."""
    size = paddle.abs(label - input)
    return paddle.where(size <= delta, 0.5 * size * size, delta * (size - 0.5 * delta))


@fluid_function
def log_loss(input, label, epsilon=1e-4, name=None):
    """Return -label * log(input + epsilon) - (1 - label) * log(1 - input + epsilon)."""
    return -label * paddle.log(input + epsilon) - (1 - label) * paddle.log(1 - input + epsilon)


@fluid_function
def kldiv_loss(x, target, reduction="mean", name=None):
    """Return target * (log(target) - x), 0 where target <= 0: 'mean' or 'sum' as [1], 'batchmean', or 'none'."""
    positive = target > 0
    safe = paddle.where(positive, target, paddle.ones_like(target))
    terms = paddle.where(positive, target * (paddle.log(safe) - x), paddle.zeros_like(x))
    reductions = {
        "mean": paddle.mean,
        "sum": paddle.sum,
        "batchmean": lambda t: t.sum() / x.shape[0],
        "none": lambda t: t,
    }
    if reduction not in reductions:
        raise ValueError(f"reduction must be one of {sorted(reductions)}, got {reduction!r}")
    return reductions[reduction](terms)


@fluid_function
def bpr_loss(input, label, name=None):
    """Return the mean of -log(sigmoid(score of the label - score)) over all other classes (Hidasi et al., 2016)."""
    chosen = paddle.take_along_axis(input, label, -1)
    others = 1 - encode(label.squeeze(-1), input.shape[-1], False)
    terms = -F.log_sigmoid(chosen - input) * others
    return terms.sum(-1, keepdim=True) / (input.shape[-1] - 1)


@fluid_function
def rank_loss(label, left, right, name=None):
    """Return log(1 + exp(left - right)) - label * (left - right) (RankNet)."""
    return F.softplus(left - right) - label * (left - right)


@fluid_function
def margin_rank_loss(label, left, right, margin=0.1, name=None):
    """Return max(0, margin - label * (left - right))."""
    return F.relu(margin - label * (left - right))


@fluid_function
def npair_loss(anchor, positive, labels, l2_reg=0.002):
    """Return the N-pair loss of embeddings [N, D] with labels [N], as [1] (Sohn, 2016)."""
    count = labels.shape[0]
    same = (labels.reshape([count, 1]) == labels.reshape([1, count])).cast(anchor.dtype)
    share = same / same.sum(1, keepdim=True)
    lengths = anchor.square().sum(1).mean() + positive.square().sum(1).mean()
    logits = paddle.matmul(anchor, positive, transpose_y=True)
    # Fluid weighed the soft cross entropies by the labels once more, then took the mean.
    entropies = F.cross_entropy(logits, share, reduction="none", soft_label=True)
    return (share * entropies).sum(0).mean() + 0.25 * l2_reg * lengths


@fluid_function
def teacher_student_sigmoid_loss(input, label, soft_max_up_bound=15.0, soft_max_lower_bound=-15.0):
    """Return the loss of a click, and of a teacher's score z where there is one.

    label is -2 (no click, no z), -1 (click, no z), z (no click) or 1 + z (click), with z in [0, 1).
    """
    x = input
    base = F.relu(x) + paddle.log1p(paddle.exp(-paddle.abs(x)))
    zeros = paddle.zeros_like(x)
    click = paddle.where(label < -1, zeros, paddle.where(label < 0, x, paddle.where(label < 1, zeros, x)))
    taught = paddle.where(label < 0, zeros, base - x * paddle.where(label < 1, label, label - 1))
    return base - click + taught


@fluid_function
def dice_loss(input, label, epsilon=0.00001, name=None):
    """Return the mean of 1 - 2 |overlap| / (|input| + |label|) for probabilities [..., C] and labels [..., 1]."""
    label = encode(label.squeeze(-1), input.shape[-1], False)
    axes = list(range(1, input.ndim))
    score = 2 * (input * label).sum(axes) / (input.sum(axes) + label.sum(axes) + epsilon)
    return (1 - score).mean()


@fluid_function
def label_smooth(label, prior_dist=None, epsilon=0.1, dtype="float32", name=None):
    """Return (1 - epsilon) * label + epsilon * prior_dist, the uniform distribution if None."""
    if not 0 <= epsilon <= 1:
        raise ValueError(f"epsilon must be between 0 and 1, got {epsilon}")
    return F.label_smooth(label, prior_dist, epsilon)


@fluid_function
def warpctc(input, label, blank=0, norm_by_times=False, input_length=None, label_length=None):
    """Return the CTC loss of logits [time, N, C + 1] and labels [N, L]; the lengths, int64 [N], are needed.

    `norm_by_times` divides the gradient, not the loss, by the lengths, as in Paddle 1.8.

    Raises:
        ValueError: a length is missing; only static graphs had them in the tensors.
    """
    if input_length is None or label_length is None:
        raise ValueError("input_length and label_length must be given in dygraph")
    return F.ctc_loss(
        input, label, input_length, label_length, blank, reduction="none", norm_by_times=norm_by_times
    ).unsqueeze(-1)


__getattr__ = absent(__name__)
