import gzip

import numpy as np
import pytest

from paddleslim.nas.darts.retrain import RetrainSettings
from paddleslim.nas.darts.truth.protocol import Protocol
from paddleslim.nas.darts.truth.space import CELLS, chains, to_code
from paddleslim.nas.darts.truth.table import TruthTable


def write_idx(path, array):
    header = bytes([0, 0, 8, array.ndim]) + b"".join(size.to_bytes(4, "big") for size in array.shape)
    with gzip.open(path, "wb") as file:
        file.write(header + array.tobytes())


@pytest.fixture
def fashion(tmp_path):
    """Return a folder with the files of Fashion-MNIST, of which there are few, random ones."""
    rng, folder = np.random.default_rng(0), tmp_path / "fashion"
    folder.mkdir()
    for name, count in (("train", 400), ("t10k", 50)):
        label = np.arange(count, dtype=np.uint8) % 10
        image = rng.integers(0, 100, [count, 28, 28], np.uint8) + label[:, None, None] * 10
        write_idx(folder / f"{name}-images-idx3-ubyte.gz", image.astype(np.uint8))
        write_idx(folder / f"{name}-labels-idx1-ubyte.gz", label)
    return folder


@pytest.fixture
def brief():
    """Return a protocol of a moment."""
    settings = RetrainSettings(channels=2, layers=1, epochs=1, batch_size=20, grad_clip=None)
    return Protocol(train_images=40, seeds=(0, 1), settings=settings)


@pytest.fixture
def made_up():
    """Return a table of made-up accuracies: a cell is worth its codes' letters, later ones more, 3 seeds alike."""
    worth = {"n": 0, "s": 1, "a": 2, "1": 3, "3": 4}
    rng, cells, by_chains = np.random.default_rng(0), {}, {}
    for genotype in CELLS:
        code = to_code(genotype)
        mean = 0.1 + 0.05 * sum(worth[letter] for chain in chains(genotype) for letter in chain)
        accuracies = by_chains.setdefault(chains(genotype), (mean + rng.normal(0, 0.01, 3)).round(4).tolist())
        size = code.count("1") + 9 * code.count("3")
        cells[code] = {
            "accuracies": accuracies,
            "parameters": 1000 + size,
            "flops": 5000 + 100 * size,
            "latency": 1.0,
            "scores": {"synflow": float(size), "gradient_norm": float(code.count("1"))},
        }
    return TruthTable({"protocol": {}, "versions": {}, "latency": "", "cells": cells})
