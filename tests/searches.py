"""A small search with everything a restored state can miss: dropout, batch norm, momentum, readers that shuffle."""

import hashlib

import numpy as np
import paddle

from paddleslim.nas.darts import Callback, DARTSearch
from tests.supernets import NormSupernet, random_batches, snapshot

EPOCHS, STEPS = 3, 4
IMAGE, LABEL = (np.concatenate(arrays) for arrays in zip(*random_batches(2 * STEPS)))


class Samples(paddle.io.Dataset):
    """One half of the samples; each is scaled by a random number of numpy, as an augmentation would."""

    def __init__(self, half):
        self.image, self.label = (np.split(array, 2)[half] for array in (IMAGE, LABEL))

    def __len__(self):
        return len(self.label)

    def __getitem__(self, index):
        return self.image[index] * np.float32(np.random.rand()), self.label[index]


def shuffling_reader(half):
    """Return a reader whose order and augmentation come from numpy's global random numbers."""
    samples = Samples(half)

    def reader():
        for indices in np.random.permutation(len(samples)).reshape(STEPS, -1):
            image, label = zip(*(samples[i] for i in indices))
            yield np.stack(image), np.stack(label)

    return reader


def data_loader(half, **options):
    return paddle.io.DataLoader(Samples(half), batch_size=8, shuffle=True, **options)


def make_search(folder, make_reader=shuffling_reader, make_model=lambda: NormSupernet(dropout=0.3), **arguments):
    """Return a search of `EPOCHS` epochs of `STEPS` steps, the same each time it is made."""
    paddle.seed(1)
    np.random.seed(1)
    settings = {
        "batchsize": 8,
        "num_imgs": 16 * STEPS,
        "num_epochs": EPOCHS,
        "arch_learning_rate": 3e-2,
        "valid_freq": 1,
        "save_dir": str(folder),
        "log_freq": 1000,
        **arguments,
    }
    return DARTSearch(make_model(), make_reader(0), make_reader(1), "cpu", **settings)


class StopAt(Callback):
    """Raise a KeyboardInterrupt at the `count`-th step, training and validation together, counted from 1."""

    def __init__(self, count):
        self.left = count

    def on_step_end(self, search, report):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


def summarize(search):
    """Return what two searches must agree on: parameters, alphas and buffers, genotypes, losses and rates."""
    state = {name: array.tobytes() for name, array in snapshot(search.model).items()}
    epochs = [(str(r.genotype), r.train_loss, r.valid_loss, r.valid_accuracy, r.learning_rate) for r in search.history]
    return state, epochs


def digest(search):
    """Return `summarize(search)` as one short text."""
    state, epochs = summarize(search)
    return hashlib.sha256(repr((sorted(state.items()), epochs)).encode()).hexdigest()
