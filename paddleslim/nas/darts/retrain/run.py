"""From a genotype and images to a trained network."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Callable

import numpy as np
import paddle

from ..data import Augmentation, Batches, Images, ShuffledBatches
from ..distributed.ranks import Ranks
from ..networks.build import build_network
from ..training.device import name_device, on_device
from .retraining import Retraining
from .settings import RetrainSettings

__all__ = ["EVALUATION_BATCH", "prepare_retraining", "retrain_genotype"]

EVALUATION_BATCH = 256  # images at a time where nothing is learnt


def prepare_retraining(
    genotype: Any,
    train: Images,
    valid: Images,
    augmentation: Augmentation,
    settings: RetrainSettings,
    seed: int = 0,
    place: Any = "cpu",
    builders: Mapping[str, Callable[..., Any]] | None = None,
    **options: Any,
) -> Retraining:
    """Build the network of a genotype; return the `Retraining` that will train it.

    Args:
        genotype: a `Genotype`, or the string of a NAS-Bench-201 cell.
        train, valid: `Images` to train on, and to measure the accuracy on.
        augmentation: an `Augmentation`; its cutout is that of `settings`.
        settings: a `RetrainSettings`.
        seed: of the first weights, the order of the images and the augmentation.
        place: where to compute.
        builders: operations of one's own, see `make_operation`.
        options: further arguments of `Retraining`, such as `valid_freq`, `save_dir` and `callbacks`.

    Raises:
        TypeError: `settings` is something else.
        ValueError: another argument cannot be used.

    Example:
        >>> dataset = load_dataset("digits")
        >>> retraining = prepare_retraining(
        ...     DARTS_V2, dataset.train, dataset.test, dataset.augmentation, PRESETS["digits"], valid_freq=5
        ... )
        >>> accuracy = retraining.train()
    """
    if not isinstance(settings, RetrainSettings):
        raise TypeError(f"settings must be a RetrainSettings, such as RetrainSettings(epochs=20), got {settings!r}")
    paddle.seed(seed)
    np.random.seed(seed % 2**32)
    with on_device(name_device(place)):
        network = build_network(genotype, train.image.shape[1:], train.num_classes, settings, builders)
    augmentation = dataclasses.replace(augmentation, cutout=settings.cutout)
    return Retraining(
        network,
        ShuffledBatches(train, settings.batch_size, seed, augmentation),
        Batches(valid, evaluation_batch(len(valid), options), augmentation.normalise),
        settings,
        place,
        **options,
    )


def evaluation_batch(count: int, options: Mapping[str, Any]) -> int:
    """Return how many of `count` images are evaluated at a time, so few that each rank has some."""
    ranks = Ranks(options.get("use_data_parallel", False)).count
    return max(1, min(EVALUATION_BATCH, count // ranks))


def retrain_genotype(
    genotype: Any, train: Images, valid: Images, augmentation: Augmentation, settings: RetrainSettings, **options: Any
) -> Retraining:
    """Build the network of a genotype, train it, and return the `Retraining` that did; see `prepare_retraining`.

    Args:
        genotype, train, valid, augmentation, settings: as of `prepare_retraining`.
        options: its further arguments, such as `seed` and `place`.

    Raises:
        TypeError, ValueError: an argument cannot be used.
        FloatingPointError: the training diverged.

    Example:
        >>> dataset = load_dataset("digits")
        >>> trained = retrain_genotype(DARTS_V2, dataset.train, dataset.test, dataset.augmentation, PRESETS["digits"])
        >>> trained.history[-1].valid_accuracy
    """
    retraining = prepare_retraining(genotype, train, valid, augmentation, settings, **options)
    retraining.train()
    return retraining
