"""The augmentation of DARTS (pad-crop, flip, normalise, cutout), for a whole batch at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Callable

import numpy as np

from ....common.types import Array
from .transform import transform_batch

__all__ = ["Augmentation", "crop_randomly", "cut_out", "flip_randomly", "normalise"]


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """How a batch of images becomes one to train on; called as `augmentation(image, rng)`.

    Attributes:
        mean, std: of each channel, in the units of the images.
        padding: pixels of black on each side before a random crop of the old size.
        flip: whether half of the images are mirrored left to right.
        cutout: side of the square that is blanked in each image (DeVries and Taylor, 2017), 0 for none.
        transform: a function of one image that comes before all this, see `transform_batch`; None for none.
        pictures: whether the images are pictures, so that floats, which those of 16 bits make, are given to `transform`
            as bytes.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]
    padding: int = 0
    flip: bool = False
    cutout: int = 0
    transform: Callable[[Any], Any] | None = None
    pictures: bool = False

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


def crop_randomly(image: Array, padding: int, rng: np.random.Generator) -> Array:
    """Pad each image of the batch with zeros on all sides and cut a random window of the old size out of it."""
    samples, _, height, width = image.shape
    padded = np.pad(image, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    # [N, C, 2 padding + 1, 2 padding + 1, H, W], a view: all windows of all images
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(2, 3))
    top, left = rng.integers(0, 2 * padding + 1, [2, samples])
    return windows[np.arange(samples), :, top, left]


def flip_randomly(image: Array, rng: np.random.Generator) -> Array:
    """Mirror each image left to right with probability 1/2."""
    flipped = rng.random(len(image)) < 0.5
    return np.where(flipped[:, None, None, None], image[..., ::-1], image)


def normalise(image: Array, mean: Sequence[float], std: Sequence[float]) -> Array:
    """Return `(image - mean) / std` in float32; `mean` and `std` are of each channel."""
    shift, scale = (np.asarray(v, np.float32).reshape(-1, 1, 1) for v in (mean, std))
    return (image.astype(np.float32) - shift) / scale


def cut_out(image: Array, size: int, rng: np.random.Generator) -> Array:
    """Set a square of `size` x `size` pixels to 0 in each image; its centre is any pixel, so a part may lie outside."""
    samples, _, height, width = image.shape
    rows, columns = (_within(rng.integers(0, extent, [samples]), size, extent) for extent in (height, width))
    return image * ~(rows[:, None, :, None] & columns[:, None, None, :])


def _within(centres: Array, size: int, extent: int) -> Array:
    """Return `[N, extent]`: whether a coordinate is in the window of `size` around each centre."""
    offsets = np.arange(extent) - (centres[:, None] - size // 2)
    return (offsets >= 0) & (offsets < size)
