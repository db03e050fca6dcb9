import gzip

import numpy as np
import pytest

from paddleslim.nas.darts.retrain import RetrainSettings
from paddleslim.nas.darts.truth.protocol import Protocol


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
