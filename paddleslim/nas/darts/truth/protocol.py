"""How a cell of the table is trained, and on what."""

from __future__ import annotations

import dataclasses
import time

import numpy as np
import paddle

from ....common.types import FilePath
from ..data import Batches, Dataset, Images, ShuffledBatches, load_dataset, split
from ..data.images import make_dataset
from ..retrain.retraining import Retraining
from ..retrain.settings import RetrainSettings
from ..training.determinism import same_bits
from .space import build_network

__all__ = ["PROTOCOL", "Protocol", "load_images", "train_cell"]


SETTINGS = RetrainSettings(
    channels=8,
    layers=1,
    epochs=8,
    batch_size=64,
    learning_rate=0.1,
    nesterov=True,
    weight_decay=5e-4,
    grad_clip=None,
)


@dataclasses.dataclass(frozen=True)
class Protocol:
    """What decides the numbers of the table.

    Attributes:
        train_images: images to train on, the same for every cell and seed; a search trains its weights on one half
            of them and its alphas on the other.
        pool: side of the squares of pixels whose mean becomes one pixel.
        seeds: of the first weights, the order of the images and the flips; each cell is trained once with each.
        settings: of each training; the network has one cell in each of its three stages.
    """

    train_images: int = 6000
    pool: int = 2
    seeds: tuple[int, ...] = (0, 1, 2)
    settings: RetrainSettings = SETTINGS


PROTOCOL = Protocol()


def load_images(data_dir: FilePath | None = None, protocol: Protocol = PROTOCOL) -> Dataset:
    """Return Fashion-MNIST as the table uses it: 6,000 images of 14x14 pixels to train on, all 10,000 to test on.

    Args:
        data_dir: the folder of its files as published; downloaded by Paddle if None.
        protocol: a `Protocol`.

    Raises:
        OSError: a file is missing or cannot be read.
        ValueError: the files hold something else.
    """
    published = load_dataset("fashion-mnist", data_dir)
    train, _ = split(published.train, protocol.train_images / len(published.train), seed=0)
    train, test = pooled(train, protocol.pool), pooled(published.test, protocol.pool)
    return make_dataset("fashion-mnist-14", train, test, published.class_names, flip=True)


def pooled(images: Images, size: int) -> Images:
    """Return the images with each square of `size` x `size` pixels as one, their mean."""
    count, channels, height, width = images.image.shape
    squares = images.image.reshape([count, channels, height // size, size, width // size, size])
    return Images(squares.mean(axis=(3, 5), dtype=np.float32), images.label, images.num_classes)


def train_cell(
    genotype: str, dataset: Dataset, seed: int, settings: RetrainSettings = PROTOCOL.settings
) -> tuple[float, float]:
    """Train the network of a cell; return its test accuracy after the last epoch and the seconds it took.

    Args:
        genotype: the string of a cell of three nodes.
        dataset: what `load_images` returns.
        seed: of the first weights, the order of the images and the flips.
        settings: a `RetrainSettings`.

    Raises:
        FloatingPointError: the training diverged.
    """
    start = time.perf_counter()
    paddle.seed(seed)
    network = build_network(genotype, settings.channels, dataset.num_classes, dataset.image_shape[0])
    train = ShuffledBatches(dataset.train, settings.batch_size, seed, dataset.augmentation)
    test = Batches(dataset.test, 500, dataset.augmentation.normalise)
    with same_bits():
        accuracy = Retraining(network, train, test, settings).train()
    return accuracy, time.perf_counter() - start
