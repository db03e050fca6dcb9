"""MNIST, Fashion-MNIST and CIFAR as published, read from their files or downloaded by Paddle."""

from __future__ import annotations

import pathlib
import pickle
import tarfile

import numpy as np

from .idx import read_mnist_folder
from .images import Images

__all__ = ["read_cifar", "read_mnist"]


def read_mnist(name, data_dir, mode):
    """Return the `Images` of MNIST or Fashion-MNIST, from `data_dir` or downloaded."""
    if data_dir is not None:
        image, label = read_mnist_folder(data_dir, "train" if mode == "train" else "t10k")
        return Images(image, label.astype(np.int64), 10)
    from paddle.vision import datasets

    published = download(name, lambda: getattr(datasets, {"mnist": "MNIST"}.get(name, "FashionMNIST"))(mode=mode))
    image = np.stack(published.images).astype(np.uint8).reshape(-1, 1, 28, 28)
    return Images(image, np.concatenate(published.labels).astype(np.int64), 10)


def read_cifar(name, data_dir, mode, classes):
    """Return CIFAR-10 or CIFAR-100 from `<name with a dash>-python.tar.gz` in `data_dir`, or downloaded."""
    from paddle.vision import datasets

    archive = None
    if data_dir is not None:
        archive = pathlib.Path(data_dir) / f"cifar-{classes}-python.tar.gz"
        if not archive.is_file():
            raise FileNotFoundError(
                f"{data_dir} holds no {archive.name}, the file that CIFAR-{classes} is published in"
            )
    kind = datasets.Cifar10 if classes == 10 else datasets.Cifar100
    try:
        published = download(name, lambda: kind(archive and str(archive), mode))
    except (tarfile.TarError, pickle.UnpicklingError, EOFError) as error:
        raise ValueError(f"{archive or name} is damaged: {error}; fetch it anew") from error
    image, label = zip(*published.data)
    return Images(np.stack(image).reshape(-1, 3, 32, 32), np.asarray(label, np.int64), classes)


def download(name, load):
    """Return `load()`, or raise an OSError that says where else the files may come from."""
    try:
        return load()
    except (RuntimeError, OSError) as error:
        raise OSError(
            f"{name} could not be downloaded ({error}); name the folder of its files by --data-dir"
        ) from error
