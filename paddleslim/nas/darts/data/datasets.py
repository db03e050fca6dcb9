"""The data sets by name."""

from __future__ import annotations

import dataclasses
import errno
import os
import pathlib
from typing import Any, Callable

import numpy as np

from ....common.checks import Count
from ....common.did_you_mean import did_you_mean
from ....common.log_helper import package_logger
from ....common.paths import is_url, own_path
from ....common.types import Array, FilePath
from ....extras import folder_of
from .array_files import has_ending
from .arrays import prepare_like, read_npz
from .folder import load_files, prepare_for
from .images import Dataset, Images, make_dataset, split
from .path_table import is_table
from .published import read_cifar, read_mnist
from .sources import Source, find_source

__all__ = ["DATASETS", "load_dataset", "load_digits"]

logger = package_logger(__name__)

DATASETS = ("digits", "mnist", "fashion-mnist", "cifar10", "cifar100")
SHOWN = 10  # classes that a warning names
TEST_SHARE = 0.2  # of the images are kept for the test where a data set does not say which
FASHION = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot"
CIFAR10 = "airplane,automobile,bird,cat,deer,dog,frog,horse,ship,truck"


def load_digits() -> Images:
    """Return scikit-learn's 1,797 handwritten digits, 8 x 8 pixels in one channel, of mean 0 and deviation 1.

    They are a part of the UCI set "Optical Recognition of Handwritten Digits" and come with scikit-learn.

    Returns:
        `Images` of `[1797, 1, 8, 8]` float32.

    Raises:
        ImportError: scikit-learn is not installed.
    """
    image, label = read_digits()
    return Images((image - image.mean()) / image.std(), label, 10)


def load_dataset(
    name: FilePath,
    data_dir: FilePath | None = None,
    image_size: int | tuple[int, int] = 32,
    limit: int | None = None,
    skip_damaged: bool = False,
    transform: Callable[[Any], Any] | None = None,
) -> Dataset:
    """Return a `Dataset`.

    Args:
        name: one of `DATASETS`; a folder of images; a table of their paths and labels, `.csv` or `.tsv`; or a file of
            numpy arrays, `.npz`.
        data_dir: the folder that holds the files of MNIST, Fashion-MNIST or CIFAR as published; they are
            downloaded by Paddle if None.
        image_size: what the images of a folder or table are brought to: one number, or height and width.
        limit: keep so many training images, in the proportions of their classes, and a fifth as many to test on.
        skip_damaged: leave image files that cannot be read out, with a warning, instead of an error.
        transform: a function of one training image in place of crop and flip, such as a `Compose` of
            `paddle.vision.transforms`; see `transform_batch`.

    Raises:
        OSError: a file is missing or cannot be read.
        ValueError: the name is unknown, the files hold something else, or `limit` or `image_size` is below 1.
        TypeError: `transform` cannot be called.

    Example:
        >>> load_dataset("digits")
        Dataset('digits': 1438 training and 359 test images of 1 x 8 x 8, 10 classes)
    """
    if limit is not None:
        Count()("limit", limit)
    if transform is not None and not callable(transform):
        raise TypeError(f"transform must be a function of one image, got {type(transform).__name__}")
    name = name if name in DATASETS else own_path(name)
    data_dir = data_dir if data_dir is None else own_path(data_dir)
    check_source(name)
    if name in DATASETS:
        dataset = load_published(name, data_dir)
    elif has_ending(name, ".npz") and not pathlib.Path(name).is_dir():
        dataset = read_npz(name, TEST_SHARE)
    else:
        dataset = load_pictures(find_source(name), image_size, skip_damaged)
    if limit is not None:
        dataset.train, dataset.test = thin(dataset.train, limit), thin(dataset.test, max(limit // 5, 1))
    if transform is not None:
        dataset.augmentation = dataclasses.replace(
            dataset.augmentation,
            padding=0,
            flip=False,
            transform=transform,
            pictures=dataset.preparation is not None,
        )
    if name not in DATASETS:
        logger.info(dataset.describe())
        warn_of_few(dataset)
    return dataset


def warn_of_few(dataset: Dataset) -> None:
    """Warn of classes that cannot be in all parts: the two halves of a search's training images, and the test."""
    counts = [np.bincount(images.label, minlength=dataset.num_classes) for images in (dataset.train, dataset.test)]
    few = [
        f"{name} ({train} to search and train on, {test} to test on)"
        for name, train, test in zip(dataset.class_names, *counts)
        if train == 1 or (train > 1 and test == 0)
    ]
    if few:
        more = f" and {len(few) - SHOWN} more" if len(few) > SHOWN else ""
        logger.warning(
            "%s: a search parts the training images of each class into two halves, and a test needs some too; there "
            "are too few of %s%s",
            *(dataset.name, ", ".join(few[:SHOWN]), more),
        )


def check_source(name: FilePath) -> None:
    """Raise the error of `load_dataset` unless the name may be that of a data set that is there; no file is read."""
    path = pathlib.Path(name)
    if has_ending(path, ".npz") and not path.exists():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(name))
    if name in DATASETS or path.is_dir() or has_ending(path, ".npz") or (is_table(name) and path.is_file()):
        return
    if is_url(name):
        raise ValueError(f"data {str(name)!r} is on another machine; download it, and give the folder or file")
    raise ValueError(
        f"data {str(name)!r} is no folder of images, no .npz file and none of {', '.join(DATASETS)}; nor is it a "
        f".csv or .tsv table of paths and labels that is there.{did_you_mean(name, [*DATASETS, *list_sources(path)])}"
    )


def list_sources(path: pathlib.Path) -> list[str]:
    """Return the folders, tables and files of arrays beside a path that is not there, written as the path is."""
    try:
        beside = sorted(path.parent.iterdir())
    except OSError:
        return []
    return [str(p) for p in beside if p.is_dir() or has_ending(p, ".npz") or is_table(p)]


def load_published(name: str, data_dir: FilePath | None) -> Dataset:
    if name == "digits":
        image, label = read_digits()
        train, test = split(Images(image, label, 10), 1 - TEST_SHARE, seed=0)
        return make_dataset(name, train, test, [str(digit) for digit in range(10)], padding=1)
    if data_dir is not None and not pathlib.Path(data_dir).is_dir():
        raise FileNotFoundError(f"data_dir {data_dir} is no folder")
    if name.startswith("cifar"):
        classes = 10 if name == "cifar10" else 100
        train, test = (read_cifar(name, data_dir, mode, classes) for mode in ("train", "test"))
        names = CIFAR10.split(",") if classes == 10 else [str(label) for label in range(classes)]
        return make_dataset(name, train, test, names, prepare_like(train.image), padding=4, flip=True)
    train, test = (read_mnist(name, data_dir, mode) for mode in ("train", "test"))
    if name == "mnist":
        return make_dataset(name, train, test, [str(d) for d in range(10)], prepare_like(train.image), padding=2)
    return make_dataset(name, train, test, FASHION.split(","), prepare_like(train.image), padding=2, flip=True)


def load_pictures(source: Source, size: int | tuple[int, int], skip_damaged: bool = False) -> Dataset:
    """Return the `Dataset` of a `Source`.

    A part for validation and one for the test: the first joins the training images, of which a search makes two
    halves anyway. With one of them alone, it is the test. Without, a fifth of each class is kept for it.
    """
    preparation = prepare_for(size)
    for note in source.notes:
        logger.warning(note)
    parts = dict(source.parts)
    if "valid" in parts:
        valid = parts.pop("valid")
        if "test" in parts and "train" in parts:
            train_files, train_labels = parts["train"]
            parts["train"] = train_files + valid[0], train_labels + valid[1]
        else:
            parts["test"] = valid
    paths = [path for files, _ in parts.values() for path in files]
    labels = [label for _, numbers in parts.values() for label in numbers]
    part_of = np.asarray([part for part, (files, _) in parts.items() for _ in files])
    images, sound = load_files(paths, labels, source.class_names, preparation, skip_damaged)
    part_of = part_of[sound]
    if "test" in parts:
        train, test = images.take(np.flatnonzero(part_of != "test")), images.take(np.flatnonzero(part_of == "test"))
        check_part(source, train, "train")
        check_part(source, test, "test")
    else:
        train, test = split(images, 1 - TEST_SHARE, seed=0)
    padding = min(preparation.height, preparation.width) // 8
    return make_dataset(source.name, train, test, source.class_names, preparation, padding=padding, flip=True)


def check_part(source: Source, images: Images, part: str) -> None:
    """Raise a ValueError unless there are images, and in training some of each class."""
    if not len(images):
        raise ValueError(f"{source.name}: there is no image in the part {part!r}")
    absent = np.setdiff1d(np.arange(images.num_classes), images.label)
    if part == "train" and len(absent):
        names = ", ".join(source.class_names[label] for label in absent[:10])
        raise ValueError(f"{source.name}: there is no training image of the class {names}")


def thin(images: Images, count: int) -> Images:
    """Return about `count` of the images, in the proportions of their classes; all if there are no more."""
    return images if count >= len(images) else split(images, count / len(images), seed=0)[0]


def read_digits() -> tuple[Array, Array]:
    path = folder_of("sklearn", extra="cli", user="load_digits") / "datasets" / "data" / "digits.csv.gz"
    if path.is_file():  # to import scikit-learn takes a second, most of it scipy's
        table = np.loadtxt(path, delimiter=",")
        image, label = table[:, :-1].reshape(-1, 8, 8), table[:, -1]
    else:
        from sklearn import datasets

        image, label = datasets.load_digits(return_X_y=True)
        image = image.reshape(-1, 8, 8)
    return image[:, None].astype("float32"), label.astype("int64")
