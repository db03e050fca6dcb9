"""How a network is retrained: settings, and those of the papers."""

from __future__ import annotations

import dataclasses
from typing import Any

from ....common.checks import Count, Factor, Flag, Folder, Rate
from ..training.settings import RunSettings, Settings, describe_settings, setting

__all__ = ["PRESETS", "RetrainRunSettings", "RetrainSettings"]


@dataclasses.dataclass(frozen=True)
class RetrainRunSettings(RunSettings):
    """How a retraining runs, beside the `RetrainSettings` of what is trained."""

    save_dir: Any = setting(
        None, Folder(), "Folder of the checkpoints, from which `train(resume=True)` resumes; None for no checkpoints."
    )


@dataclasses.dataclass(frozen=True)
class RetrainSettings(Settings):
    """Size of a network and how it is trained.

    Attributes:
        {settings}

    Raises:
        TypeError, ValueError: a value cannot be used.
    """

    channels: int = setting(16, Count(), "Channels of the first cell.", "--channels", True)
    layers: int = setting(
        5, Count(), "Cells of the network; of each of the three stages for NAS-Bench-201.", "--layers", True
    )
    epochs: int = setting(20, Count(), "Number of epochs.", "--epochs", True)
    batch_size: int = setting(64, Count(), "Images in a batch.", "--batch-size", True)
    learning_rate: float = setting(
        0.025,
        Rate(),
        "Learning rate at the start of its cosine.",
        "--learning-rate",
        True,
        short="Learning rate at the start; it falls along a cosine, in the preset imagenet by a factor each epoch.",
    )
    decay: float | None = setting(
        None, Rate(), "Factor of the learning rate after each epoch; None for half a cosine down to 0.", None, True
    )
    momentum: float = setting(0.9, Factor(), "Momentum of SGD.", "--momentum", True)
    nesterov: bool = setting(False, Flag(), "Whether the momentum is Nesterov's.", None, True)
    weight_decay: float = setting(3e-4, Factor(), "L2 decay of all weights.", "--weight-decay", True)
    grad_clip: float | None = setting(
        5.0,
        Rate(),
        "Limit of the global norm of the gradients, None for none.",
        "--grad-clip",
        True,
        short="Limit of the global norm of the gradients.",
        optional=True,
    )
    label_smoothing: float = setting(
        0.0,
        Factor(),
        "Share of the target that is spread over all classes.",
        "--label-smoothing",
        True,
        short="Share of each label that is spread evenly over all classes.",
    )
    drop_path: float = setting(
        0.0,
        Factor(),
        "Probability of leaving an operation out; it grows from 0 to this over the epochs.",
        "--drop-path",
        True,
        short="Probability with which an operation is left out in training; it grows from 0 to this over the epochs.",
    )
    auxiliary_weight: float = setting(
        0.0,
        Factor(),
        "Weight of the loss of the auxiliary tower; 0 builds none.",
        "--auxiliary-weight",
        True,
        short="Weight of the loss of the auxiliary tower, a second classifier in the middle of the network that "
        "helps the training; 0 builds none.",
    )
    cutout: int = setting(
        0,
        Count(0),
        "Side of the blanked square in pixels, 0 for none.",
        "--cutout",
        True,
        short="Side in pixels of a square that is blanked at random in each training image; 0 for none.",
    )
    large_images: bool = setting(False, Flag(), "The stem of ImageNet, which divides the size by 8.", None, True)

    def learning_rate_factor(self, epoch: int) -> float:
        """Return the factor of the learning rate in `epoch`, counted from 0."""
        if self.decay is not None:
            return self.decay**epoch
        from ..training.schedule import cosine_factor  # only here, since it imports Paddle

        return cosine_factor(epoch, self.epochs)


RetrainSettings.__doc__ = (RetrainSettings.__doc__ or "").replace(
    "{settings}", describe_settings(RetrainSettings).strip()
)

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
