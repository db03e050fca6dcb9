"""MNIST, Fashion-MNIST and CIFAR as published, read from their files or downloaded by Paddle."""

from __future__ import annotations

import pathlib
import tarfile

import numpy as np

from paddleslim.common.one_line import one_line
from paddleslim.common.plain_pickle import RefusedPickleError, read_plain_pickle

from .idx import read_mnist_folder
from .images import Images

__all__ = ["read_cifar", "read_mnist"]

LARGEST = 2**28  # bytes in an archive of CIFAR; there are 186 million


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
    if data_dir is not None:
        archive = pathlib.Path(data_dir) / f"cifar-{classes}-python.tar.gz"
        if not archive.is_file():
            raise FileNotFoundError(
                f"{data_dir} holds no {archive.name}, the file that CIFAR-{classes} is published in"
            )
        image, label = read_cifar_archive(archive, mode, classes)
    else:
        from paddle.vision import datasets

        kind = datasets.Cifar10 if classes == 10 else datasets.Cifar100
        image, label = zip(*download(name, lambda: kind(mode=mode)).data)
    return Images(np.stack(image).reshape(-1, 3, 32, 32), np.asarray(label, np.int64), classes)


def read_cifar_archive(path, mode, classes):
    """Return the images `[N, 3072]` and labels `[N]` in an archive of CIFAR as it is published.

    Its files are pickles, of which nothing but data is read, see `read_plain_pickle`.

    Raises:
        ValueError: the archive is damaged, or holds something else.
    """
    part = {10: {"train": "data_batch", "test": "test_batch"}, 100: {"train": "train", "test": "test"}}[classes][mode]
    label_name = b"labels" if classes == 10 else b"fine_labels"
    image, label = [], []
    try:
        with tarfile.open(path) as archive:
            for name, content in sorted(read_members(archive, part)):
                found = read_plain_pickle(f"{path}: {name}", content, encoding="bytes")
                image.append(np.asarray(found[b"data"], np.uint8).reshape(-1, 3072))
                label.append(np.asarray(found[label_name], np.int64).reshape(-1))
        if not image or any(len(images) != len(labels) for images, labels in zip(image, label)):
            raise ValueError("it holds no images, or not as many labels")
    except (RefusedPickleError, MemoryError):
        raise
    except Exception as error:  # the formats inside each other raise many
        reason = f"{type(error).__name__}: {one_line(error)}"
        raise ValueError(f"{path} is damaged ({reason}); fetch it anew") from error
    labels = np.concatenate(label)
    if labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"{path} is damaged: it holds labels outside 0 to {classes - 1}; fetch it anew")
    return np.concatenate(image), labels


def read_members(archive, part):
    """Yield name and content of the files of an open archive that are called after `part`; nothing is unpacked.

    Links are not followed. The archive is read to its end, where its checksum is.

    Raises:
        ValueError: there is more in it than CIFAR has.
    """
    size = 0
    for member in archive:
        size += member.size
        check_size(size)
        if member.isfile() and part in pathlib.PurePath(member.name).name:
            yield member.name, archive.extractfile(member).read()
    while rest := archive.fileobj.read(2**20):
        size += len(rest)
        check_size(size)


def check_size(size):
    if size > LARGEST:
        raise ValueError(f"it holds more than {LARGEST} bytes, which CIFAR does not")


def download(name, load):
    """Return `load()`, or raise an OSError that says where else the files may come from."""
    try:
        return load()
    except (RuntimeError, OSError) as error:
        raise OSError(
            f"{name} could not be downloaded ({error}); name the folder of its files by --data-dir"
        ) from error
