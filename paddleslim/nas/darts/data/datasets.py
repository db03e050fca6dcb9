"""The data sets by name."""

from __future__ import annotations

import pathlib

from .arrays import read_npz
from .folder import read_folder
from .images import Images, make_dataset, split
from .published import read_cifar, read_mnist

__all__ = ["DATASETS", "load_dataset", "load_digits"]

DATASETS = ("digits", "mnist", "fashion-mnist", "cifar10", "cifar100")
TEST_SHARE = 0.2  # of the images are kept for the test where a data set does not say which
FASHION = "T-shirt/top,Trouser,Pullover,Dress,Coat,Sandal,Shirt,Sneaker,Bag,Ankle boot"
CIFAR10 = "airplane,automobile,bird,cat,deer,dog,frog,horse,ship,truck"


def load_digits():
    """Return scikit-learn's 1,797 handwritten digits, 8 x 8 pixels in one channel, of mean 0 and deviation 1.

    They are a part of the UCI set "Optical Recognition of Handwritten Digits" and come with scikit-learn.
    """
    image, label = read_digits()
    return Images((image - image.mean()) / image.std(), label, 10)


def load_dataset(name, data_dir=None, image_size=32, limit=None):
    """Return a `Dataset`.

    Args:
        name: one of `DATASETS`; a folder of images; or a file of numpy arrays, `.npz`.
        data_dir: the folder that holds the files of MNIST, Fashion-MNIST or CIFAR as published; they are
            downloaded by Paddle if None.
        image_size: height and width that the images of a folder are brought to.
        limit: keep so many training images, in the proportions of their classes, and a fifth as many to test on.

    Raises:
        OSError: a file is missing or cannot be read.
        ValueError: the name is unknown, or the files hold something else.
    """
    if name in DATASETS:
        dataset = load_published(name, data_dir)
    elif pathlib.Path(name).is_dir():
        dataset = load_folder(pathlib.Path(name), image_size)
    elif pathlib.Path(name).suffix == ".npz":
        dataset = read_npz(name, TEST_SHARE)
    else:
        raise ValueError(f"data {name!r} is no folder of images, no .npz file and none of {', '.join(DATASETS)}")
    if limit is not None:
        dataset.train, dataset.test = thin(dataset.train, limit), thin(dataset.test, max(limit // 5, 1))
    return dataset


def load_published(name, data_dir):
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
        return make_dataset(name, train, test, names, padding=4, flip=True)
    train, test = (read_mnist(name, data_dir, mode) for mode in ("train", "test"))
    if name == "mnist":
        return make_dataset(name, train, test, [str(digit) for digit in range(10)], padding=2)
    return make_dataset(name, train, test, FASHION.split(","), padding=2, flip=True)


def load_folder(folder, size):
    """Return the images of `folder/train/<class>/` and `folder/test/<class>/`, or of `folder/<class>/`, parted."""
    if (folder / "train").is_dir() and (folder / "test").is_dir():
        train, names = read_folder(folder / "train", size)
        test, _ = read_folder(folder / "test", size, names)
    else:
        images, names = read_folder(folder, size)
        train, test = split(images, 1 - TEST_SHARE, seed=0)
    return make_dataset(folder.resolve().name, train, test, names, padding=size // 8, flip=True)


def thin(images, count):
    """Return about `count` of the images, in the proportions of their classes; all if there are no more."""
    return images if count >= len(images) else split(images, count / len(images), seed=0)[0]


def read_digits():
    from sklearn import datasets

    digits = datasets.load_digits()
    return digits.images[:, None].astype("float32"), digits.target.astype("int64")
