"""What a trained network makes of each sample of a test: the confusion of classes, and the images it is worst at."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, Callable

import numpy as np
import paddle
from paddle import nn

from ....common.types import Array
from ..data.batch import call_with, list_tensors
from ..data.overview import to_thumbnail
from ..networks.predictor import softmax
from ..training.metrics import are_classes

__all__ = ["Outcomes", "collect_outcomes", "to_picture"]

WORST = 24  # samples that are shown
SIDE = 96  # of a thumbnail, in pixels at most
BYTE = 255.0


@dataclasses.dataclass
class Outcomes:
    """The predictions of a network for N samples.

    Attributes:
        true, predicted: the number of the class of each sample, `[N]`.
        probability, of_true: what the network gives to the predicted and to the true class, `[N]`.
        num_classes: how many classes there are.
        worst: the numbers of the samples with the least probability of the true class, the worst first.
        pictures: by the number of such a sample a Pillow image, where the input is an image.
    """

    true: Array
    predicted: Array
    probability: Array
    of_true: Array
    num_classes: int
    worst: list[int]
    pictures: dict[int, Any]

    @property
    def accuracy(self) -> float:
        return float((self.true == self.predicted).mean())

    def confusion(self) -> Array:
        """Return how often each class is taken for each, `[true classes, predicted classes]`."""
        counts = np.zeros([self.num_classes, self.num_classes], np.int64)
        np.add.at(counts, (self.true, self.predicted), 1)
        return counts

    def mistakes(self) -> list[tuple[int, int, int]]:
        """Return `(true, predicted, count)` of all mistakes, the most frequent first."""
        counts = self.confusion()
        np.fill_diagonal(counts, 0)
        true, predicted = np.nonzero(counts)
        order = np.argsort(-counts[true, predicted], kind="stable")
        return [(int(true[i]), int(predicted[i]), int(counts[true[i], predicted[i]])) for i in order]


@paddle.no_grad()
def collect_outcomes(
    network: nn.Layer, batches: Iterable[tuple[Any, Any]], restore: Callable[[Array], Array] | None = None
) -> Outcomes | None:
    """Return the `Outcomes` of a network, in evaluation mode; None unless its outputs and the labels are of classes.

    Args:
        network: inputs to logits `[N, classes]`.
        batches: iterable of `(inputs, label)` tensors, label `[N, 1]`, such as a `BatchLoader`.
        restore: function of images `[N, channels, height, width]`, as the network is given them, that returns them
            from 0 to 255; None spreads each image from black to white.
    """
    training = network.training
    network.eval()
    found: list[tuple[Array, Array]] = []  # of each batch probabilities and labels
    kept: dict[int, Array] = {}  # inputs of the worst samples so far
    losses = np.zeros(0)
    try:
        for inputs, label in batches:
            logits = call_with(network, inputs)
            if not are_classes(logits, label):
                return None
            shares, true = softmax(logits.numpy()), label.numpy()[:, 0]
            first, of_true = len(losses), shares[np.arange(len(true)), true]
            found.append((np.stack([shares.argmax(1), shares.max(1), of_true], axis=1), true))
            losses = np.concatenate([losses, -of_true])
            worst = np.argsort(-losses, kind="stable")[:WORST].tolist()
            images = list_tensors(inputs)[0].numpy()
            kept = {i: images[i - first] if i >= first else kept[i] for i in worst if i >= first or i in kept}
            num_classes = logits.shape[-1]
    finally:
        network.train() if training else network.eval()
    if not found:
        return None
    table, true = (np.concatenate(parts) for parts in zip(*found))
    pictures = {i: to_picture(image, restore) for i, image in kept.items() if image.ndim == 3}
    predicted = table[:, 0].astype(np.int64)
    return Outcomes(true, predicted, table[:, 1], table[:, 2], num_classes, worst, pictures)


def to_picture(image: Array, restore: Callable[[Array], Array] | None = None) -> Any:
    """Return one image `[channels, height, width]` as a small Pillow image; of other than 1 or 3 channels the first."""
    image = image if len(image) in (1, 3) else image[:1]
    if restore is not None:
        image = np.clip(restore(image[None])[0], 0, BYTE)
    else:
        image = (image - image.min()) * (BYTE / max(float(np.ptp(image)), 1e-12))
    picture = to_thumbnail(image)
    picture.thumbnail((SIDE, SIDE))
    return picture
