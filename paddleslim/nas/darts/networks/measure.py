"""What a network achieves and what it costs."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import paddle
from paddle import nn

from ....common.checks import Count, check_image_shape
from ....common.dygraph_mode import check_dygraph_mode
from ..data.readers import BatchLoader
from ..training.metrics import are_classes, measure_top1_and_top5

__all__ = ["Evaluation", "count_multiply_adds", "count_parameters", "evaluate", "measure_latency"]


@dataclasses.dataclass
class Evaluation:
    """What a network achieves on labelled samples.

    Attributes:
        loss: the mean cross entropy, in nats.
        top1, top5: the share of samples, from 0 to 1, whose label is the largest logit, and is among the five largest;
            `top5` is None where there are five classes or fewer.
    """

    loss: float
    top1: float
    top5: float | None


@paddle.no_grad()
def evaluate(network: nn.Layer, batches: Iterable[tuple[Any, Any]]) -> Evaluation:
    """Return the `Evaluation` of `network` in evaluation mode; its mode is restored.

    Args:
        network: images `[N, channels, H, W]` to logits `[N, classes]`.
        batches: iterable of `(image, label)`, such as `Batches`; label `[N, 1]` of int64.

    Raises:
        ValueError: there is no batch, the labels are no classes, or the network does not return logits.

    Example:
        >>> dataset = load_dataset("digits")
        >>> evaluate(network, Batches(dataset.test, 256, dataset.augmentation.normalise)).top1
    """
    check_dygraph_mode()
    training = network.training
    network.eval()
    try:
        sums: list[Any] = []
        samples = 0
        for image, label in BatchLoader("batches", batches):
            logits = network(image)
            if not are_classes(logits, label):
                shape = list(logits.shape) if isinstance(logits, paddle.Tensor) else type(logits).__name__
                raise ValueError(f"evaluate needs a network that returns logits [N, 2 or more classes], got {shape}")
            loss = nn.functional.cross_entropy(logits, label, reduction="sum")
            shares = measure_top1_and_top5(logits, label)
            sums.append([float(loss), *(round(float(share) * len(label)) for share in shares)])
            samples += len(label)
    finally:
        network.train() if training else network.eval()
    loss, top1, *top5 = (np.sum(sums, axis=0) / samples).tolist()
    return Evaluation(loss, top1, top5[0] if top5 else None)


def count_parameters(network: nn.Layer) -> int:
    """Return how many numbers the trainable parameters hold, those of the auxiliary classifier left out.

    Args:
        network: any layer; parameters whose names begin with `auxiliary.` are those of the auxiliary classifier.
    """
    check_dygraph_mode()
    named = network.named_parameters()
    return int(sum(np.prod(p.shape) for name, p in named if p.trainable and not name.startswith("auxiliary.")))


@paddle.no_grad()
def count_multiply_adds(network: nn.Layer, image_shape: Sequence[int]) -> int:
    """Return the multiplications of convolutions and linear layers for one image, what papers call its FLOPs.

    Args:
        network: a network in which these are `paddle.nn.Conv2D` and `paddle.nn.Linear`.
        image_shape: `[channels, height, width]`.

    Raises:
        ValueError: this is no such shape, or the network does not take images of it.

    Example:
        >>> count_multiply_adds(build_network(DARTS_V2, [3, 32, 32], 10, PRESETS["cifar"]), [3, 32, 32]) / 1e6
        528.35904
    """
    check_image_shape(image_shape)
    total = 0

    def count(layer: nn.Layer, _: Any, output: paddle.Tensor) -> None:
        nonlocal total
        # each number put out by a convolution sums over `in / groups * k * k` products, by a linear layer over `in`
        weights = layer.weight.shape[1:] if isinstance(layer, nn.Conv2D) else layer.weight.shape[:1]
        total += int(np.prod(output.shape[1:]) * np.prod(weights))

    counted = [layer for layer in network.sublayers() if isinstance(layer, (nn.Conv2D, nn.Linear))]
    hooks = [layer.register_forward_post_hook(count) for layer in counted]
    try:
        run_once(network, image_shape)
    finally:
        for hook in hooks:
            hook.remove()
    return total


@paddle.no_grad()
def measure_latency(network: nn.Layer, image_shape: Sequence[int], repeats: int = 20) -> float:
    """Return the seconds that one image takes, as the median of `repeats` passes after three to warm up.

    Args:
        network: takes images; it is measured in evaluation mode, where its parameters are.
        image_shape: `[channels, height, width]`.
        repeats: how many passes are measured.

    Raises:
        ValueError: this is no such shape, or `repeats` is below 1.
    """
    check_image_shape(image_shape)
    Count()("repeats", repeats)
    times = []
    for _ in range(repeats + 3):
        start = time.perf_counter()
        run_once(network, image_shape)
        times.append(time.perf_counter() - start)
    return statistics.median(times[3:])


def run_once(network: nn.Layer, image_shape: Sequence[int]) -> None:
    """Pass one image of zeros through `network` in evaluation mode and wait for the result; the mode is restored."""
    check_dygraph_mode()
    training = network.training
    network.eval()
    try:
        network(paddle.zeros([1, *image_shape])).numpy()
    finally:
        network.train() if training else network.eval()
