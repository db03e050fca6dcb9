"""A data set of numpy arrays."""

from __future__ import annotations

import pathlib
import zipfile

import numpy as np

from .images import Images, make_dataset, split

__all__ = ["load_arrays", "read_npz"]

NAMES = ("image", "label", "test_image", "test_label", "class_names")


def read_npz(path, test_share):
    """Return the `Dataset` in a file of `numpy.savez(path, image=..., label=...)`; see `load_arrays`.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no such file, or lacks an array.
    """
    try:
        with np.load(path) as file:
            arrays = dict(file)
    except (zipfile.BadZipFile, EOFError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error
    if not {"image", "label"} <= set(arrays) <= set(NAMES):
        raise ValueError(f"{path} holds {', '.join(arrays)}; it should hold image, label and at most {NAMES[2:]}")
    return load_arrays(**arrays, name=pathlib.Path(path).stem, test_share=test_share)


def load_arrays(image, label, test_image=None, test_label=None, class_names=None, name="arrays", test_share=0.2):
    """Return a `Dataset` of numpy arrays.

    Args:
        image: `[N, channels, height, width]` or `[N, height, width]`, of numbers.
        label: `[N]` or `[N, 1]` of integers, counted from 0.
        test_image, test_label: the same for the test; `test_share` of the images is kept for it if None.
        class_names: one for each label; the numbers if None.
        name: what messages call the data set.

    Raises:
        ValueError: a shape or a type does not fit.
    """
    images = check_arrays("image", image, "label", label)
    if (test_image is None) != (test_label is None):
        raise ValueError("test_image and test_label go together; give both or neither")
    if test_image is None:
        train, test = split(images, 1 - test_share, seed=0)
    else:
        train, test = images, check_arrays("test_image", test_image, "test_label", test_label)
        if train.image.shape[1:] != test.image.shape[1:]:
            raise ValueError(
                f"image and test_image must be of one shape, got {train.image.shape[1:]} and {test.image.shape[1:]}"
            )
        train.num_classes = test.num_classes = max(train.num_classes, test.num_classes)
    names = [str(n) for n in (range(train.num_classes) if class_names is None else class_names)]
    if len(names) < train.num_classes:
        raise ValueError(f"class_names holds {len(names)} names, but there are {train.num_classes} labels")
    train.num_classes = test.num_classes = len(names)
    return make_dataset(name, train, test, names)


def check_arrays(image_name, image, label_name, label):
    """Return both arrays as an `Images`, or raise a ValueError that says what is wrong."""
    image, label = np.asarray(image), np.asarray(label)
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
            f"got {label.dtype} {list(label.shape)}"
        )
    label = label.reshape(-1).astype(np.int64)
    return Images(image if image.dtype == np.uint8 else image.astype(np.float32), label, int(label.max(initial=0)) + 1)
