"""Data sets as arrays, and readers that walk them in shuffled batches."""

from __future__ import annotations

import dataclasses

import numpy as np

__all__ = ["Images", "ShuffledBatches", "load_digits", "split"]


@dataclasses.dataclass
class Images:
    """Images `[N, channels, height, width]` float32 and their labels `[N]` int64, below `num_classes`."""

    image: np.ndarray
    label: np.ndarray
    num_classes: int

    def __len__(self):
        return len(self.label)

    def take(self, indices):
        """Return the images at these indices."""
        return Images(self.image[indices], self.label[indices], self.num_classes)


def load_digits():
    """Return scikit-learn's 1,797 handwritten digits, 8 x 8 pixels in one channel, of mean 0 and deviation 1.

    They are a part of the UCI set "Optical Recognition of Handwritten Digits" and come with scikit-learn.
    """
    from sklearn import datasets

    digits = datasets.load_digits()
    image = digits.images[:, None].astype("float32")
    return Images((image - image.mean()) / image.std(), digits.target.astype("int64"), 10)


def split(images, share, seed):
    """Part `images` at random into two disjoint sets; the first holds `share` of each class.

    Args:
        images: an `Images`.
        share: between 0 and 1.
        seed: the same seed gives the same parts.
    """
    from sklearn import model_selection

    first, second = model_selection.train_test_split(
        np.arange(len(images)), train_size=share, random_state=seed, stratify=images.label
    )
    return images.take(np.sort(first)), images.take(np.sort(second))


class ShuffledBatches:
    """Walk `images` in a new order each time, as `(image, label)` batches; a reader for `DARTSearch`.

    The order depends on `seed` and on how often the reader was walked before, nothing else. Images that do not
    fill a last batch are left out of this walk.

    Args:
        images: an `Images`.
        batchsize: images in a batch, at most as many as there are.
        seed: a whole number.

    Raises:
        ValueError: there are too few images for a batch.
    """

    def __init__(self, images, batchsize, seed):
        if not 1 <= batchsize <= len(images):
            raise ValueError(f"batchsize must be between 1 and the {len(images)} images there are, got {batchsize}")
        self.images, self.batchsize, self.seed, self.epoch = images, batchsize, seed, 0

    def __len__(self):
        return len(self.images) // self.batchsize

    def __iter__(self):
        order = np.random.default_rng([self.seed, self.epoch]).permutation(len(self.images))
        self.epoch += 1
        return (self.batch(order[i * self.batchsize :][: self.batchsize]) for i in range(len(self)))

    def batch(self, indices):
        return self.images.image[indices], self.images.label[indices, None]
