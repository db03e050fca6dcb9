"""Image files as data: in a folder with a sub-folder for each class, read at once or where they are indexed."""

from __future__ import annotations

import pathlib

import numpy as np

from ....common.log_helper import package_logger
from .images import Images
from .pictures import DamagedPicture, Preparation, describe_several, list_damaged, read_pictures

__all__ = ["ImageFiles", "list_classes", "list_files", "load_files", "read_folder"]

logger = package_logger(__name__)

ENDINGS = frozenset(
    {".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".pnm", ".ppm", ".tif", ".tiff", ".webp"}
)
IN_MEMORY = 2**30  # bytes of pixels that are read at once; a larger folder is read batch by batch


class ImageFiles:
    """Image files that act as an array `[N, channels, height, width]`: pixels are read where they are indexed.

    Args:
        paths: of the files.
        preparation: the `Preparation` of each of them.
        dtype: uint8, or float32 where any file has more than 8 bits.
    """

    def __init__(self, paths, preparation, dtype=np.uint8):
        self.paths, self.preparation, self.dtype = np.asarray(paths, dtype=object), preparation, np.dtype(dtype)
        self.shape = (len(self.paths), *preparation.shape)

    def __getitem__(self, indices):
        found = read_pictures(self.paths[indices], self.preparation)
        damaged = [image for image in found if isinstance(image, DamagedPicture)]
        if damaged:
            raise damaged[0]
        return np.stack(found).astype(self.dtype)

    def take(self, indices, axis=0):
        """Return the files at these indices, unread; `axis` must be 0, as for an array of images."""
        if axis != 0:
            raise ValueError(f"images are taken along axis 0, got {axis}")
        return ImageFiles(self.paths[indices], self.preparation, self.dtype)


def list_files(folder, others=None):
    """Return the image files in `folder` and below, in order, without hidden ones; links to folders are not followed.

    Args:
        folder: where to look.
        others: a list that is given what else is there, neither hidden nor a folder.
    """
    root = pathlib.Path(folder)
    shown = [p for p in root.rglob("*") if not any(part.startswith(".") for part in p.relative_to(root).parts)]
    images = sorted(filter(is_image, shown))
    if others is not None:
        found = set(images)
        others += [path for path in shown if path not in found and (path.is_symlink() or not path.is_dir())]
    return images


def is_image(path):
    """Whether a path is named as an image and is a file, or a link to one that may be missing."""
    is_file = path.is_file() or (path.is_symlink() and not path.exists())
    return path.suffix.lower() in ENDINGS and not path.name.startswith(".") and is_file


def list_classes(folder, class_names=None, others=None):
    """Return the files in `folder/<class>/`, the label of each, and the names of the classes in order.

    Args:
        folder: holds a sub-folder for each class.
        class_names: the classes that may be there, as those of the training; any two or more if None.
        others: a list that is given the files that are no images, see `list_files`.

    Raises:
        OSError: the folder cannot be read.
        ValueError: there are fewer than two classes, or one without an image; with `class_names`, there are others.
    """
    root = pathlib.Path(folder)
    folders = [p for p in root.iterdir() if p.is_dir() and not p.name.startswith((".", "__"))]
    loops = [p for p in folders if p.is_symlink() and p.resolve() in (root.resolve(), *root.resolve().parents)]
    if others is not None:
        others += loops
    found = sorted(p.name for p in folders if p not in loops)
    if class_names is not None and not (found and set(found) <= set(class_names)):
        raise ValueError(
            f"{folder} holds the classes {', '.join(found)}; its classes should be among those of the training, "
            f"{', '.join(class_names)}"
        )
    if class_names is None and len(found) < 2:
        raise ValueError(f"{folder} should hold a sub-folder of images for each of two or more classes")
    paths: list[pathlib.Path] = []
    labels: list[int] = []
    names = found if class_names is None else list(class_names)
    for name in found:
        files = list_files(root / name, others)
        if not files and class_names is None:
            raise ValueError(f"{root / name} holds no image ({', '.join(sorted(ENDINGS))})")
        paths += files
        labels += [names.index(name)] * len(files)
    return paths, labels, names


def load_files(paths, labels, class_names, preparation, skip_damaged=False):
    """Return image files as an `Images`, and the indices of those that are in it.

    Every file is read once, so that all damaged ones are known at once. Files of several frames or pages are named.

    Args:
        paths: of the files.
        labels: of each file, from 0 on.
        class_names: one for each label.
        preparation: a `Preparation`.
        skip_damaged: leave damaged files out, with a warning that names them, instead of an error.

    Raises:
        OSError: a file cannot be read.
        ValueError: files are damaged; the message names them, and says how to leave them out. Or a class has none
            that is not.
    """
    fits = len(paths) * np.prod(preparation.shape, dtype=np.int64) <= IN_MEMORY
    several: list = []
    found = read_pictures(paths, preparation, fits, several)
    damaged = [image for image in found if isinstance(image, DamagedPicture)]
    if damaged and not skip_damaged:
        raise ValueError(
            f"{count_files(len(damaged))} of {len(paths)} cannot be used: {list_damaged(damaged)}. Mend or remove "
            "them, or leave them out by --skip-damaged (skip_damaged=True)"
        )
    if damaged:
        logger.warning("%s of %d left out: %s", count_files(len(damaged)), len(paths), list_damaged(damaged))
    if several:
        logger.warning(describe_several(several))
    sound = [i for i, image in enumerate(found) if not isinstance(image, DamagedPicture)]
    label = np.asarray(labels, np.int64)[sound]
    for number in sorted(set(labels) - set(label.tolist())):
        raise ValueError(f"class {class_names[number]} has no image that is not damaged")
    dtype = np.result_type(*{found[i].dtype if fits else found[i] for i in sound})
    if fits:
        pixels = np.stack([found[i] for i in sound]).astype(dtype, copy=False)
        return Images(pixels, label, len(class_names)), sound
    files = ImageFiles([paths[i] for i in sound], preparation, dtype)
    return Images(files, label, len(class_names)), sound


def count_files(count):
    return "1 file" if count == 1 else f"{count} files"


def read_folder(folder, size, class_names=None, skip_damaged=False):
    """Return the images in `folder/<class>/` as an `Images`, and the names of the classes in order.

    Args:
        folder, class_names: see `list_classes`.
        size: height and width of the images: one number for both, or two.
        skip_damaged: see `load_files`.

    Raises:
        OSError, ValueError: see there.
    """
    paths, labels, names = list_classes(folder, class_names)
    images, _ = load_files(paths, labels, names, prepare_for(size), skip_damaged)
    return images, names


def prepare_for(size):
    """Return the `Preparation` for colour images of this size: a number, or height and width."""
    height, width = (size, size) if np.ndim(size) == 0 else tuple(size)
    return Preparation(height, width)
