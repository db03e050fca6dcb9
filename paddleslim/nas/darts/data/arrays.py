"""A data set of numpy arrays."""

from __future__ import annotations

import collections
import pathlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ....common.log_helper import package_logger
from ....common.types import Array, ArrayLike, FilePath
from .array_files import read_npz_arrays
from .images import Dataset, Images, make_dataset, split
from .masked import MASKED, holds_masked
from .pictures import Preparation

__all__ = ["load_arrays", "prepare_like", "read_npz"]

logger = package_logger(__name__)

CHANNELS = (1, 3, 4)  # of grey, colour, and colour with transparency
MOST_CLASSES = 10**6
NAMES = ("image", "label", "test_image", "test_label", "class_names")


def read_npz(path: FilePath, test_share: float) -> Dataset:
    """Return the `Dataset` in a file of `numpy.savez(path, image=..., label=...)`; see `load_arrays`.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no such file, or lacks an array.
    """
    arrays = read_npz_arrays(path)
    if not {"image", "label"} <= set(arrays) <= set(NAMES):
        raise ValueError(
            f"{path} holds {', '.join(arrays)}; it should hold image and label, and may hold "
            f"{', '.join(NAMES[2:-1])} and {NAMES[-1]}"
        )
    try:
        return load_arrays(**arrays, name=pathlib.Path(path).stem, test_share=test_share)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def load_arrays(
    image: ArrayLike,
    label: ArrayLike,
    test_image: ArrayLike | None = None,
    test_label: ArrayLike | None = None,
    class_names: Sequence[Any] | None = None,
    name: str = "arrays",
    test_share: float = 0.2,
) -> Dataset:
    """Return a `Dataset` of numpy arrays.

    Args:
        image: `[N, channels, height, width]` or `[N, height, width]`, of numbers.
        label: `[N]` or `[N, 1]` of integers, counted from 0.
        test_image, test_label: the same for the test; `test_share` of the images is kept for it if None.
        class_names: one for each label; the numbers if None.
        name: what messages call the data set.
        test_share: which part of the images is kept for the test, above 0 and below 1; used without `test_image`.

    Raises:
        ValueError: a shape, a type or a number does not fit.

    Example:
        >>> image, label = np.random.rand(200, 3, 16, 16), np.arange(200) % 4
        >>> dataset = load_arrays(image, label, class_names=["north", "east", "south", "west"])
    """
    if not 0 < test_share < 1:
        raise ValueError(f"test_share must be above 0 and below 1, got {test_share!r}")
    images = check_arrays("image", image, "label", label)
    if (test_image is None) != (test_label is None):
        raise ValueError("test_image and test_label go together; give both or neither")
    if test_image is None or test_label is None:
        train, test = split(images, 1 - test_share, seed=0)
    else:
        train, test = images, check_arrays("test_image", test_image, "test_label", test_label)
        if train.image.shape[1:] != test.image.shape[1:]:
            raise ValueError(
                f"image and test_image must be of one shape, got {train.image.shape[1:]} and {test.image.shape[1:]}"
            )
        train.num_classes = test.num_classes = max(train.num_classes, test.num_classes)
        types = np.asarray(image).dtype, np.asarray(test_image).dtype
        if (types[0].kind == "f") != (types[1].kind == "f"):
            raise ValueError(
                f"image and test_image must both be floats or both integers, got {types[0]} and {types[1]}"
            )
    names = name_classes(range(train.num_classes) if class_names is None else class_names)
    if len(names) < train.num_classes:
        raise ValueError(f"class_names holds {len(names)} names, but there are {train.num_classes} labels")
    if len(names) < 2:
        raise ValueError(f"label holds only {train.label[0]}, and there must be two or more classes")
    train.num_classes = test.num_classes = len(names)
    warn_of_gaps(name, images, names, named=class_names is not None)
    return make_dataset(name, train, test, names, prepare_like(train.image))


def name_classes(names: Iterable[Any]) -> list[str]:
    """Return the names of classes as texts, which may be bytes in UTF-8; raise a ValueError unless all differ."""
    texts = [n.decode("utf-8", "replace") if isinstance(n, bytes) else str(n) for n in names]
    again = [n for n, count in collections.Counter(texts).items() if count > 1]
    if again:
        raise ValueError(f"class_names holds {again[0]!r} more than once; give each class a name of its own")
    return texts


def warn_of_gaps(name: str, images: Images, names: list[str], named: bool) -> None:
    """Warn of labels without an image, which make a network larger than its classes are many."""
    absent = np.setdiff1d(np.arange(len(names)), images.label)
    if len(absent):
        listed = ", ".join(names[label] if named else str(label) for label in absent[:10])
        more = f" and {len(absent) - 10} more" if len(absent) > 10 else ""
        remedy = "remove them from class_names" if named else "number the classes from 0 on without gaps"
        logger.warning(
            "%s: no training image has the label %s%s; the network gets an output for each of %d labels all the same. "
            "If that is not meant, %s",
            name,
            listed,
            more,
            len(names),
            remedy,
        )


def prepare_like(image: Array) -> Preparation | None:
    """Return the `Preparation` that makes such images of pictures, None if they are no bytes of grey or colour."""
    channels, height, width = image.shape[1:]
    if image.dtype != np.uint8 or channels not in (1, 3):
        return None
    return Preparation(height, width, channels)


def check_arrays(image_name: str, image: ArrayLike, label_name: str, label: ArrayLike) -> Images:
    """Return both arrays as an `Images`, or raise a ValueError that says what is wrong."""
    image, label = as_one_array(image_name, image), as_one_array(label_name, label)
    if image.ndim == 3:
        image = image[:, None]
    if image.ndim != 4 or image.dtype.kind not in "fiub":
        raise ValueError(
            f"{image_name} must be numbers of shape [N, channels, height, width] or [N, height, width], "
            f"got {image.dtype} {list(image.shape)}"
        )
    if label.shape not in ((len(image),), (len(image), 1)) or label.dtype.kind not in "iu" or label.min(initial=0) < 0:
        raise ValueError(
            f"{label_name} must be {len(image)} integers of at least 0, one for each image, "
            f"got {label.dtype} {list(label.shape)}{suggest_integers(label_name, label)}"
        )
    if int(label.max(initial=0)) >= MOST_CLASSES:
        raise ValueError(
            f"{label_name} has numbers up to {label.max()}, and a network gets an output for each; number the classes "
            "from 0 on"
        )
    label = label.reshape(-1).astype(np.int64)
    if image.shape[1] not in CHANNELS and image.shape[3] in CHANNELS:
        logger.warning(
            "%s %s is read as images of %d channels; if the channels are the last axis, give %s.transpose(0, 3, 1, 2)",
            *(image_name, list(image.shape), image.shape[1], image_name),
        )
    check_values(image_name, image)
    return Images(image if image.dtype == np.uint8 else image.astype(np.float32), label, int(label.max(initial=0)) + 1)


def suggest_integers(name: str, label: Array) -> str:
    """Return how labels of another kind become integers, after a semicolon; nothing where that is not known."""
    if label.dtype.kind in "SU" and label.ndim == 1:
        unique = f"class_names, {name} = np.unique({name}, return_inverse=True)"
        return f"; {unique if name == 'label' else f'np.searchsorted(class_names, {name})'} makes them of names"
    if label.ndim == 2 and label.shape[1] > 1 and label.dtype.kind in "fiub" and (label.sum(axis=1) == 1).all():
        return f"; {name}.argmax(axis=1) makes them of one column for each class"
    if label.dtype.kind == "f" and np.isfinite(label).all() and (label == label.round()).all():
        return f'; {name}.astype("int64") makes them of whole floats'
    return ""


def check_values(name: str, image: Array) -> None:
    """Raise a ValueError unless there are images, and all their values are finite as float32."""
    if not image.size:
        raise ValueError(f"{name} holds nothing: its shape is {list(image.shape)}")
    if image.dtype.kind != "f":
        return
    for number, one in enumerate(image):
        if not np.isfinite(one).all() or np.abs(one).max() > np.finfo(np.float32).max:
            raise ValueError(f"{name} number {number} has a value that is not finite as float32; mend or remove it")


def as_one_array(name: str, values: ArrayLike) -> Array:
    """Return numbers as an array, or raise a ValueError if they are several of different shapes."""
    if holds_masked(values):
        raise ValueError(f"{name} is a {MASKED}")
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} holds arrays of different shapes; bring them to one") from error
