"""The IDX files that MNIST and Fashion-MNIST are published in."""

from __future__ import annotations

import gzip
import math
import pathlib
import zlib

import numpy as np

from .array_files import check_expansion

__all__ = ["read_idx", "read_mnist_folder"]

PART = 2**26  # bytes at a time


def read_idx(path):
    """Return the array of bytes in an IDX file, which may be compressed by gzip.

    The file: two zero bytes, 8 for 'bytes', the number of dimensions, each of them in four bytes, then the values.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no IDX file of bytes, or damaged.
    """
    path = pathlib.Path(path)
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            content = read_content(file, path.stat().st_size)
    except (gzip.BadGzipFile, EOFError, zlib.error, ValueError) as error:
        raise ValueError(f"{path} is damaged: {error}; fetch it anew") from error
    first = 4 + 4 * content[3] if len(content) > 3 else 4
    if len(content) < first or content[:3] != b"\0\0\x08":
        raise ValueError(f"{path} is no IDX file of bytes; the files of MNIST are")
    shape = [int(length) for length in np.frombuffer(content[4:first], ">u4")]
    values = np.frombuffer(content[first:], np.uint8)
    if len(values) != math.prod(shape) or len(shape) > 32:
        raise ValueError(f"{path} holds {len(values)} values where its head says {'x'.join(map(str, shape))}")
    return values.reshape(shape)


def read_content(file, size):
    """Return what is in an open file of `size` bytes, which may be compressed, as far as that can be meant."""
    content = b""
    while part := file.read(PART):
        content += part
        check_expansion(len(content), size)
    return content


def read_mnist_folder(folder, part):
    """Return images `[N, 1, 28, 28]` and labels `[N]`, as bytes, of 'train' or 't10k' in a folder of MNIST's files.

    Raises:
        OSError, ValueError: see `read_idx`; or the files do not belong together.
    """
    paths = [find(folder, f"{part}-{kind}-ubyte") for kind in ("images-idx3", "labels-idx1")]
    image, label = map(read_idx, paths)
    if image.ndim != 3 or image.shape[1:] != (28, 28) or label.shape != image.shape[:1] or not len(label):
        raise ValueError(
            f"{paths[0]} and {paths[1].name} hold arrays of shape {list(image.shape)} and {list(label.shape)}; they "
            "should be [N, 28, 28] and [N]"
        )
    if label.max() > 9:
        raise ValueError(f"{paths[1]} holds labels up to {label.max()}; they should be 0 to 9")
    return image[:, None], label


def find(folder, name):
    for candidate in (name, name + ".gz", name.replace("-idx", ".idx")):
        if (pathlib.Path(folder) / candidate).is_file():
            return pathlib.Path(folder) / candidate
    raise FileNotFoundError(f"{folder} holds no {name} or {name}.gz; --data-dir should be the folder of MNIST's files")
