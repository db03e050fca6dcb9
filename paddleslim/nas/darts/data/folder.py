"""A folder of image files, a sub-folder for each class."""

from __future__ import annotations

import pathlib

import numpy as np

from .images import Images

__all__ = ["ImageFiles", "read_folder"]

ENDINGS = frozenset({".bmp", ".gif", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"})
IN_MEMORY = 2**30  # bytes of pixels that are read at once; a larger folder is read batch by batch


class ImageFiles:
    """Image files that act as an array `[N, 3, size, size]` of bytes: pixels are read where they are indexed.

    Args:
        paths: of the files.
        size: height and width; an image is scaled so that its shorter side fits, and its middle is taken.
    """

    def __init__(self, paths, size):
        self.paths, self.size = np.asarray(paths, dtype=object), size
        self.shape = (len(self.paths), 3, size, size)

    def __getitem__(self, indices):
        return np.stack([read_image(path, self.size) for path in self.paths[indices]])

    def take(self, indices, axis=0):
        """Return the files at these indices, unread; `axis` must be 0, as for an array of images."""
        if axis != 0:
            raise ValueError(f"images are taken along axis 0, got {axis}")
        return ImageFiles(self.paths[indices], self.size)


def read_image(path, size):
    """Return the image file as bytes `[3, size, size]`, in red, green and blue.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no image.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            fitted = ImageOps.fit(image.convert("RGB"), (size, size), Image.Resampling.BILINEAR)
    except UnidentifiedImageError as error:
        raise ValueError(f"{path} is no image, or a damaged one; remove it from the folder") from error
    return np.asarray(fitted).transpose(2, 0, 1)


def read_folder(folder, size, class_names=None):
    """Return the images in `folder/<class>/` as an `Images`, and the names of the classes in order.

    Args:
        folder: holds a sub-folder for each class.
        size: height and width of the images.
        class_names: the classes that must be there; any two or more if None.

    Raises:
        OSError: the folder cannot be read.
        ValueError: there are fewer than two classes, others than named, or one without an image.
    """
    found = sorted(p.name for p in pathlib.Path(folder).iterdir() if p.is_dir() and not p.name.startswith("."))
    if class_names is not None and found != list(class_names):
        raise ValueError(f"{folder} holds the classes {', '.join(found)}; it should hold {', '.join(class_names)}")
    if len(found) < 2:
        raise ValueError(f"{folder} should hold a sub-folder of images for each of two or more classes")
    paths, labels = [], []
    for label, name in enumerate(found):
        files = sorted(p for p in (pathlib.Path(folder) / name).rglob("*") if p.suffix.lower() in ENDINGS)
        if not files:
            raise ValueError(f"{pathlib.Path(folder) / name} holds no image ({', '.join(sorted(ENDINGS))})")
        paths += files
        labels += [label] * len(files)
    images = ImageFiles(paths, size)
    fits = np.prod(images.shape, dtype=np.int64) <= IN_MEMORY
    pixels = images[np.arange(len(paths))] if fits else images
    return Images(pixels, np.asarray(labels, np.int64), len(found)), found
