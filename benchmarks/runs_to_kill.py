"""Small searches and retrainings that `kill_and_resume.py` kills; each has all that a resumed run can miss."""

from __future__ import annotations

import random

import numpy as np
import paddle
from paddle import nn

from paddleslim.nas.darts import DARTSearch, Genotype
from paddleslim.nas.darts.data import Augmentation, Images
from paddleslim.nas.darts.retrain import RetrainSettings, prepare_retraining
from paddleslim.nas.darts.search_space import DARTSSupernet, NASBench201Supernet, PCDARTSSupernet

__all__ = ["RUNS"]

EPOCHS, STEPS, BATCH = 3, 5, 4
CELL = [("sep_conv_3x3", 0), ("skip_connect", 1), ("dil_conv_3x3", 2), ("max_pool_3x3", 0)]
GENOTYPE = Genotype(normal=CELL, normal_concat=range(2, 4), reduce=CELL, reduce_concat=range(2, 4))


class MixedConvolutions(nn.Layer):
    """Three mixed convolutions with batch norm and dropout."""

    def __init__(self):
        super().__init__()
        self.convs = nn.LayerList([nn.Conv2D(1, 16, k, padding=k // 2) for k in (1, 3, 5)])
        self.norm, self.dropout, self.classifier = nn.BatchNorm2D(16), nn.Dropout(0.2), nn.Linear(16, 10)
        self.alphas = self.create_parameter([3], default_initializer=nn.initializer.Normal(0.0, 1e-3))

    def forward(self, image):
        weights = nn.functional.softmax(self.alphas).unbind()
        mixed = paddle.add_n([weight * conv(image) for weight, conv in zip(weights, self.convs)])
        return self.classifier(self.dropout(paddle.tanh(self.norm(mixed))).mean(axis=[2, 3]))

    def _loss(self, image, label):
        return nn.functional.cross_entropy(self(image), label)

    def arch_parameters(self):
        return [self.alphas]

    def genotype(self):
        return ("conv1x1", "conv3x3", "conv5x5")[int(self.alphas.argmax())]


class Samples(paddle.io.Dataset):
    """Random images, each scaled by a random number of Python or numpy, as an augmentation would."""

    def __init__(self, half):
        rng = np.random.default_rng(half)
        self.image = rng.standard_normal([STEPS * BATCH, 1, 8, 8]).astype("float32")
        self.label = rng.integers(0, 10, [STEPS * BATCH, 1])

    def __len__(self):
        return len(self.image)

    def __getitem__(self, index):
        return self.image[index] * np.float32(np.random.rand() + random.random()), self.label[index]


def shuffled(half):
    """Return a reader whose order and augmentation come from the global random numbers of numpy and Python."""
    samples = Samples(half)

    def reader():
        for indices in np.random.permutation(len(samples)).reshape(STEPS, BATCH):
            image, label = zip(*(samples[index] for index in indices))
            yield np.stack(image), np.stack(label)

    return reader


def loaded(half):
    """Return a `DataLoader` with a worker that shuffles and augments."""
    return paddle.io.DataLoader(Samples(half), batch_size=BATCH, shuffle=True, num_workers=1)


def search(make_supernet, make_reader=shuffled, **arguments):
    """Return a function of (folder, callbacks) that prepares a search."""

    def prepare(folder, callbacks):
        return DARTSearch(
            make_supernet(),
            make_reader(0),
            make_reader(1),
            "cpu",
            batchsize=BATCH,
            num_imgs=2 * STEPS * BATCH,
            arch_learning_rate=3e-2,
            num_epochs=EPOCHS,
            save_dir=str(folder),
            valid_freq=1,
            log_freq=1,
            checkpoint_steps=1,
            callbacks=callbacks,
            **arguments,
        )

    return prepare


def recomputed_supernet():
    """Return cells that Paddle's operators compute, since they have an operation of their own."""
    builders = {"conv": lambda channels, stride, affine: nn.Conv2D(channels, channels, 3, stride, 1)}
    primitives = ("none", "skip_connect", "sep_conv_3x3", "conv")
    return DARTSSupernet(2, 10, 1, 1, 2, 2, primitives=primitives, recompute=True, builders=builders)


def retraining(**arguments):
    """Return a function of (folder, callbacks) that prepares a retraining with everything the papers use."""

    def prepare(folder, callbacks):
        rng = np.random.default_rng(0)
        image = rng.integers(0, 256, [STEPS * BATCH, 1, 32, 32]).astype("uint8")
        images = Images(image, rng.integers(0, 10, len(image)), 10)
        settings = RetrainSettings(
            channels=2, layers=3, epochs=EPOCHS, batch_size=BATCH, drop_path=0.4, auxiliary_weight=0.4, cutout=8
        )
        augmentation = Augmentation(mean=[128.0], std=[64.0], padding=2, flip=True)
        options = {"save_dir": folder, "valid_freq": 1, "log_freq": 1, "checkpoint_steps": 1, "callbacks": callbacks}
        return prepare_retraining(GENOTYPE, images, images, augmentation, settings, seed=3, **options, **arguments)

    return prepare


RUNS = {  # by name: how many processes, and a function of (folder, callbacks) that prepares the run
    "first order": (1, search(MixedConvolutions)),
    "second order": (1, search(MixedConvolutions, unrolled=True)),
    "PC-DARTS": (1, search(lambda: PCDARTSSupernet(4, 10, 1, 1, 2, 2))),
    "NAS-Bench-201": (1, search(lambda: NASBench201Supernet(2, 10, 1, 1))),
    "recompute": (1, search(recomputed_supernet, unrolled=True)),
    "workers": (1, search(MixedConvolutions, use_multiprocess=True)),
    "DataLoader with workers": (1, search(MixedConvolutions, loaded)),
    "two ranks": (2, search(MixedConvolutions, unrolled=True, use_data_parallel=True)),
    "retraining": (1, retraining()),
    "retraining on two ranks": (2, retraining(use_data_parallel=True)),
}
