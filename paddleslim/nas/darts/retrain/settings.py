"""How a network is retrained: settings, and those of the papers."""

from __future__ import annotations

import dataclasses
import math

from ..training.arguments import check_counts, check_factors, check_rates

__all__ = ["PRESETS", "RetrainSettings"]


@dataclasses.dataclass(frozen=True)
class RetrainSettings:
    """Size of a network and how it is trained.

    Attributes:
        channels, layers: of the network; for NAS-Bench-201 the cells in each of its three stages.
        epochs: how often the training images are walked.
        batch_size: images in a batch.
        learning_rate: at the start.
        decay: factor of the learning rate after each epoch; None for half a cosine down to 0.
        momentum, nesterov, weight_decay: of SGD; the decay is L2.
        grad_clip: limit of the global norm of the gradients, None for none.
        label_smoothing: share of the target that is spread over all classes.
        drop_path: probability of leaving an operation out; it grows from 0 to this over the epochs.
        auxiliary_weight: of the loss of the auxiliary tower; 0 builds none.
        cutout: side of the blanked square in pixels, 0 for none.
        large_images: the stem of ImageNet, which divides the size by 8.

    Raises:
        ValueError: a number is out of its range.
    """

    channels: int = 16
    layers: int = 5
    epochs: int = 20
    batch_size: int = 64
    learning_rate: float = 0.025
    decay: float | None = None
    momentum: float = 0.9
    nesterov: bool = False
    weight_decay: float = 3e-4
    grad_clip: float | None = 5.0
    label_smoothing: float = 0.0
    drop_path: float = 0.0
    auxiliary_weight: float = 0.0
    cutout: int = 0
    large_images: bool = False

    def __post_init__(self):
        counts = ("channels", "layers", "epochs", "batch_size")
        check_counts(1, **{name: getattr(self, name) for name in counts})
        check_counts(0, cutout=self.cutout)
        check_rates(learning_rate=self.learning_rate, grad_clip=1.0 if self.grad_clip is None else self.grad_clip)
        check_rates(decay=1.0 if self.decay is None else self.decay)
        factors = ("momentum", "weight_decay", "label_smoothing", "drop_path", "auxiliary_weight")
        check_factors(**{name: getattr(self, name) for name in factors})

    def learning_rate_factor(self, epoch):
        """Return the factor of the learning rate in `epoch`, counted from 0."""
        if self.decay is not None:
            return self.decay**epoch
        return 0.5 * (1 + math.cos(math.pi * epoch / self.epochs))


PRESETS = {
    # small enough for the CPU
    "digits": RetrainSettings(channels=8, layers=4, epochs=15, learning_rate=0.1),
    "small": RetrainSettings(channels=16, layers=8, epochs=20, learning_rate=0.1, drop_path=0.1),
    "nas-bench-201-small": RetrainSettings(channels=16, layers=2, epochs=20, learning_rate=0.1, weight_decay=5e-4),
    # DARTS (Liu et al., 2019, section 3.2) and PC-DARTS (Xu et al., 2020, section 4.2) on CIFAR-10
    "cifar": RetrainSettings(
        channels=36, layers=20, epochs=600, batch_size=96, drop_path=0.2, auxiliary_weight=0.4, cutout=16
    ),
    "cifar-pc-darts": RetrainSettings(
        channels=36, layers=20, epochs=600, batch_size=128, drop_path=0.3, auxiliary_weight=0.4, cutout=16
    ),
    # DARTS on ImageNet (section 3.3); PC-DARTS trains with 1,024 images in a batch and other rates
    "imagenet": RetrainSettings(
        channels=48,
        layers=14,
        epochs=250,
        batch_size=128,
        learning_rate=0.1,
        decay=0.97,
        weight_decay=3e-5,
        label_smoothing=0.1,
        auxiliary_weight=0.4,
        large_images=True,
    ),
    # NAS-Bench-201 (Dong and Yang, 2020, table 1)
    "nas-bench-201": RetrainSettings(
        channels=16,
        layers=5,
        epochs=200,
        batch_size=256,
        learning_rate=0.1,
        nesterov=True,
        weight_decay=5e-4,
        grad_clip=None,
    ),
}
