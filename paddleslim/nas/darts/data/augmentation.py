"""The augmentation of DARTS (pad-crop, flip, normalise, cutout), for a whole batch at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Callable

import numpy as np

from ....common.checks import Count
from ....common.types import Array
from .transform import transform_batch

__all__ = ["Augmentation", "crop_randomly", "cut_out", "flip_randomly", "normalise"]


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """How a batch of images becomes one to train on; called as `augmentation(image, rng)`.

    Attributes:
        mean, std: a number for each channel, in the units of the images.
        padding: pixels of black on each side before a random crop of the old size.
        flip: whether half of the images are mirrored left to right.
        cutout: side in pixels of the square that is blanked in each image (DeVries and Taylor, 2017), 0 for none.
        transform: a function of one image that comes before all this, see `transform_batch`; None for none.
        pictures: whether the images are pictures, so that floats, which those of 16 bits make, are given to `transform`
            as bytes.

    Raises:
        TypeError: `transform` cannot be called.
        ValueError: `mean` and `std` are not as many numbers, `std` holds one that is not above 0, or `padding` or
            `cutout` is no whole number of at least 0.

    Example:
        >>> augmentation = Augmentation(mean=(125.0, 123.0, 114.0), std=(63.0, 62.0, 67.0), padding=4, flip=True)
        >>> augmentation(images.image[:64], np.random.default_rng(0))  # float32 [64, 3, height, width]
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    padding: int = 0
    flip: bool = False
    cutout: int = 0
    transform: Callable[[Any], Any] | None = None
    pictures: bool = False

    def __post_init__(self) -> None:
        check_statistics(self.mean, self.std)
        for name in ("padding", "cutout"):
            Count(0)(name, getattr(self, name))
        if self.transform is not None and not callable(self.transform):
            raise TypeError(f"transform must be a function of one image, got {type(self.transform).__name__}")

    def __call__(self, image: Array, rng: np.random.Generator) -> Array:
        """Return `image`, `[N, C, H, W]`, augmented with random numbers of `rng`, as float32 of the same shape."""
        if self.transform is not None:
            image = transform_batch(to_bytes(image) if self.pictures else image, self.transform, rng)
        if self.padding:
            image = crop_randomly(image, self.padding, rng)
        if self.flip:
            image = flip_randomly(image, rng)
        image = self.normalise(image)
        return cut_out(image, self.cutout, rng) if self.cutout else image

    def normalise(self, image: Array) -> Array:
        """Return `image` as float32 with mean 0 and deviation 1 in each channel, else unchanged."""
        return normalise(image, self.mean, self.std)


def to_bytes(image: Array) -> Array:
    """Return pixels from 0 to 255, rounded to bytes."""
    return image if image.dtype == np.uint8 else np.rint(np.clip(image, 0, 255)).astype(np.uint8)


def check_statistics(mean: Sequence[float], std: Sequence[float]) -> None:
    """Raise a ValueError unless these are as many numbers, of which those of `std` are above 0."""
    try:
        shift, scale = (np.asarray(values, np.float64) for values in (mean, std))
    except (TypeError, ValueError):
        shift = scale = np.zeros([0, 0])
    if shift.ndim != 1 or shift.shape != scale.shape or not np.isfinite(shift).all() or not (scale > 0).all():
        raise ValueError(f"mean and std must be a number for each channel, std above 0, got {mean!r} and {std!r}")


def crop_randomly(image: Array, padding: int, rng: np.random.Generator) -> Array:
    """Return the images, each padded with zeros on all sides and cut at random to its old size (He et al., 2016).

    Args:
        image: `[N, channels, height, width]`.
        padding: pixels on each side.
        rng: draws the place of each window, all of them equally likely.

    Returns:
        Images of the same shape and type.

    Raises:
        ValueError: `padding` is no whole number of at least 0.
    """
    Count(0)("padding", padding)
    samples, _, height, width = image.shape
    padded = np.pad(image, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    # [N, C, 2 padding + 1, 2 padding + 1, H, W], a view: all windows of all images
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(2, 3))
    top, left = rng.integers(0, 2 * padding + 1, [2, samples])
    return windows[np.arange(samples), :, top, left]


def flip_randomly(image: Array, rng: np.random.Generator) -> Array:
    """Return the images, each mirrored left to right with probability 1/2.

    Args:
        image: `[N, channels, height, width]`.
        rng: draws which.

    Returns:
        Images of the same shape and type.
    """
    flipped = rng.random(len(image)) < 0.5
    return np.where(flipped[:, None, None, None], image[..., ::-1], image)


def normalise(image: Array, mean: Sequence[float], std: Sequence[float]) -> Array:
    """Return `(image - mean) / std` in float32.

    Args:
        image: `[N, channels, height, width]`, or one image `[channels, height, width]`.
        mean, std: a number for each channel, in the units of the images.

    Raises:
        ValueError: there are not as many numbers as channels, or those of `std` are not above 0.
    """
    check_statistics(mean, std)
    channels = image.shape[-3]
    if not len(mean) == len(std) == channels:
        raise ValueError(f"mean and std must be {channels} numbers, one for each channel, got {mean!r} and {std!r}")
    shift, scale = (np.asarray(v, np.float32).reshape(-1, 1, 1) for v in (mean, std))
    return (image.astype(np.float32) - shift) / scale


def cut_out(image: Array, size: int, rng: np.random.Generator) -> Array:
    """Return the images, in each a square of zeros around a random pixel (cutout, DeVries and Taylor, 2017).

    Args:
        image: `[N, channels, height, width]`.
        size: side of the square in pixels; what of it lies outside the image is cut off.
        rng: draws the centre of each square, every pixel equally likely.

    Returns:
        Images of the same shape and type.

    Raises:
        ValueError: `size` is no whole number of at least 0.
    """
    Count(0)("size", size)
    samples, _, height, width = image.shape
    rows, columns = (_within(rng.integers(0, extent, [samples]), size, extent) for extent in (height, width))
    return image * ~(rows[:, None, :, None] & columns[:, None, None, :])


def _within(centres: Array, size: int, extent: int) -> Array:
    """Return `[N, extent]`: whether a coordinate is in the window of `size` around each centre."""
    offsets = np.arange(extent) - (centres[:, None] - size // 2)
    return (offsets >= 0) & (offsets < size)
