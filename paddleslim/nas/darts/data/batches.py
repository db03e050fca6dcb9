"""Readers that yield images in batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Callable

import numpy as np

from ....common.checks import Count
from ....common.types import Array
from .images import Images

__all__ = ["Batches", "ShuffledBatches"]


class ShuffledBatches:
    """Yield `images` in a new order each time, as `(image, label)` batches; a reader for `DARTSearch`.

    Order and augmentation depend on `seed` and on how often the reader was read before, nothing else. Images that
    do not fill a last batch are left out of this epoch.

    Args:
        images: an `Images`.
        batchsize: images in a batch, at most as many as there are.
        seed: a whole number of at least 0.
        prepare: function of (image `[batchsize, ...]`, random generator), such as an `Augmentation`; None leaves
            the images as they are.

    Raises:
        ValueError: there are too few images for a batch, or `seed` is no such number.

    Example:
        >>> dataset = load_dataset("digits")
        >>> reader = ShuffledBatches(dataset.train, 64, seed=0, prepare=dataset.augmentation)
        >>> image, label = next(iter(reader))  # [64, 1, 8, 8] and [64, 1]
    """

    def __init__(
        self,
        images: Images,
        batchsize: int,
        seed: int,
        prepare: Callable[[Array, np.random.Generator], Array] | None = None,
    ) -> None:
        if not 1 <= batchsize <= len(images):
            raise ValueError(f"batchsize must be between 1 and the {len(images)} images there are, got {batchsize}")
        self.images, self.batchsize, self.seed, self.epoch = images, batchsize, Count(0)("seed", seed), 0
        self.prepare = prepare

    def __repr__(self) -> str:
        return f"ShuffledBatches({len(self)} of {self.batchsize} images, seed {self.seed})"

    def __len__(self) -> int:
        return len(self.images) // self.batchsize

    def set_epoch(self, epoch: int) -> None:
        """Let the next iteration be the one after `epoch` of them, so that a search can resume there."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        rng = np.random.default_rng([self.seed, self.epoch])
        order = rng.permutation(len(self.images))
        self.epoch += 1
        return (self.batch(order[i * self.batchsize :][: self.batchsize], rng) for i in range(len(self)))

    def batch(self, indices: Array, rng: np.random.Generator) -> tuple[Array, Array]:
        """Return the images at these indices and their labels, `[N, 1]`."""
        image = self.images.image[indices]
        return image if self.prepare is None else self.prepare(image, rng), self.images.label[indices, None]


class Batches:
    """Yield all `images` in their order; the last batch may be smaller.

    Args:
        images: an `Images`.
        batchsize: images in a batch.
        prepare: function of an image batch, such as `augmentation.normalise`; None leaves it as it is.

    Raises:
        ValueError: `batchsize` is below 1.
    """

    def __init__(self, images: Images, batchsize: int, prepare: Callable[[Array], Array] | None = None) -> None:
        if batchsize < 1:
            raise ValueError(f"batchsize must be at least 1, got {batchsize}")
        self.images, self.batchsize, self.prepare = images, batchsize, prepare

    def __repr__(self) -> str:
        return f"Batches({len(self)} of {self.batchsize} images at most)"

    def __len__(self) -> int:
        return -(-len(self.images) // self.batchsize)

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        for start in range(0, len(self.images), self.batchsize):
            indices = np.arange(start, min(start + self.batchsize, len(self.images)))
            image = self.images.image[indices]
            yield image if self.prepare is None else self.prepare(image), self.images.label[indices, None]
