"""Images with labels, and how a set of them is parted."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from ....common.checks import Count
from ....common.types import Array
from .augmentation import Augmentation
from .pictures import Preparation

__all__ = ["Dataset", "Images", "make_dataset", "split"]

MANY = 20  # classes whose counts are listed
SAMPLE = 5000  # images that mean and deviation are taken from


@dataclasses.dataclass
class Images:
    """Images and their labels.

    Attributes:
        image: `[N, channels, height, width]`, float32 or uint8; an array, or an `ImageFiles` that reads on demand.
        label: `[N]` int64, at least 0 and below `num_classes`.
        num_classes: how many classes there are.

    Raises:
        ValueError: there is not one label for each image, or a label is none of the classes.
    """

    image: Any
    label: np.ndarray
    num_classes: int

    def __post_init__(self) -> None:
        label = self.label
        if getattr(label, "ndim", 0) != 1 or label.dtype.kind not in "iu" or len(label) != self.image.shape[0]:
            raise ValueError(
                f"label must be an array of {self.image.shape[0]} integers, one for each image, got "
                f"{getattr(label, 'dtype', type(label).__name__)} {list(getattr(label, 'shape', ()))}"
            )
        if len(label) and not 0 <= label.min() <= label.max() < self.num_classes:
            raise ValueError(
                f"label must be at least 0 and below the {self.num_classes} classes, got {label.min()} to {label.max()}"
            )

    def __len__(self) -> int:
        return len(self.label)

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.image.shape[1:]))
        return f"Images({len(self)} of {shape}, {self.image.dtype}, {self.num_classes} classes)"

    def take(self, indices: Array) -> Images:
        """Return the images at these indices."""
        return Images(self.image.take(indices, axis=0), self.label[indices], self.num_classes)


@dataclasses.dataclass
class Dataset:
    """A data set: what may be searched and trained on, what is kept for the test, and how to prepare both.

    Attributes:
        name: what messages call it.
        train, test: two disjoint `Images`.
        augmentation: the `Augmentation` that fits such images; its `mean` and `std` normalise the test images too.
        class_names: one for each label.
        preparation: how the file of a picture becomes an image of this set; None where that is not known, as for
            arrays of floats.
    """

    name: str
    train: Images
    test: Images
    augmentation: Augmentation
    class_names: list[str]
    preparation: Preparation | None = None

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.image_shape))
        return (
            f"Dataset({self.name!r}: {len(self.train)} training and {len(self.test)} test images of {shape}, "
            f"{self.num_classes} classes)"
        )

    def describe(self) -> str:
        """Return sentences that say how many images of each class there are to train and to test on."""
        parts = [f"{self.name}: images of {' x '.join(map(str, self.image_shape))}"]
        for images, aim in ((self.train, "to search and train on"), (self.test, "to test on")):
            counts = np.bincount(images.label, minlength=self.num_classes)
            each = ", ".join(f"{name} {count}" for name, count in zip(self.class_names, counts[:MANY]))
            more = f" and {self.num_classes - MANY} more classes" if self.num_classes > MANY else ""
            parts.append(f"{len(images)} {aim} ({each}{more})")
        return "; ".join(parts)

    @property
    def num_classes(self) -> int:
        """How many classes there are."""
        return self.train.num_classes

    @property
    def image_shape(self) -> list[int]:
        """`[channels, height, width]`."""
        return list(self.train.image.shape[1:])


def split(images: Images, share: float, seed: int) -> tuple[Images, Images]:
    """Part `images` at random into two disjoint sets; the first holds `share` of each class, rounded.

    Args:
        images: an `Images`.
        share: above 0 and below 1.
        seed: a whole number of at least 0; the same one gives the same parts.

    Returns:
        The two `Images`, each in the order of `images`.

    Raises:
        ValueError: `share` or `seed` is out of range, or a part would be empty.

    Example:
        >>> train, valid = split(load_dataset("digits").train, 0.5, seed=0)
    """
    if not 0 < share < 1:
        raise ValueError(f"share must be between 0 and 1, got {share!r}")
    rng = np.random.default_rng(Count(0)("seed", seed))
    first = np.zeros(len(images), bool)
    for label in range(images.num_classes):
        members = rng.permutation(np.flatnonzero(images.label == label))
        first[members[: round(share * len(members))]] = True
    if first.all() or not first.any():
        raise ValueError(f"{len(images)} images of {images.num_classes} classes are too few to part; give more")
    return images.take(np.flatnonzero(first)), images.take(np.flatnonzero(~first))


def make_dataset(
    name: str,
    train: Images,
    test: Images,
    class_names: Sequence[str],
    preparation: Preparation | None = None,
    **augmentation: Any,
) -> Dataset:
    """Return the `Dataset`, with mean and deviation of each channel taken from training images.

    Raises:
        ValueError: a channel is constant or not finite.
    """
    indices = np.sort(np.random.default_rng(0).permutation(len(train))[:SAMPLE])
    sample = train.image[indices].astype(np.float64)
    mean, std = sample.mean(axis=(0, 2, 3)), sample.std(axis=(0, 2, 3))
    if not (std > 0).all() or not np.isfinite(mean).all():
        raise ValueError(f"{name}: a channel is constant or not finite, so that it cannot be normalised")
    mean, std = (tuple(round(float(v), 6) for v in values) for values in (mean, std))
    return Dataset(name, train, test, Augmentation(mean, std, **augmentation), list(class_names), preparation)
