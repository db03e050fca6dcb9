"""The IDX files that MNIST and Fashion-MNIST are published in."""

from __future__ import annotations

import gzip
import pathlib

import numpy as np

__all__ = ["read_idx", "read_mnist_folder"]


def read_idx(path):
    """Return the array of bytes in an IDX file, which may be compressed by gzip.

    The file: two zero bytes, 8 for 'bytes', the number of dimensions, each of them in four bytes, then the values.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no IDX file of bytes, or damaged.
    """
    path = pathlib.Path(path)
    try:
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (gzip.BadGzipFile, EOFError) as error:
        raise ValueError(f"{path} is damaged: {error}; fetch it anew") from error
    if len(content) < 4 or content[:3] != b"\0\0\x08":
        raise ValueError(f"{path} is no IDX file of bytes; the files of MNIST are")
    shape = np.frombuffer(content, ">u4", count=content[3], offset=4)
    values = np.frombuffer(content, np.uint8, offset=4 + 4 * len(shape))
    if len(values) != np.prod(shape, dtype=np.int64):
        raise ValueError(f"{path} holds {len(values)} values where its head says {'x'.join(map(str, shape))}")
    return values.reshape(shape)


def read_mnist_folder(folder, part):
    """Return images `[N, 1, H, W]` and labels `[N]`, as bytes, of 'train' or 't10k' in a folder of MNIST's files."""
    return [
        read_idx(find(folder, f"{part}-{kind}-idx{dimensions}-ubyte")).reshape(shape)
        for kind, dimensions, shape in (("images", 3, (-1, 1, 28, 28)), ("labels", 1, (-1,)))
    ]


def find(folder, name):
    for candidate in (name, name + ".gz", name.replace("-idx", ".idx")):
        if (pathlib.Path(folder) / candidate).is_file():
            return pathlib.Path(folder) / candidate
    raise FileNotFoundError(f"{folder} holds no {name} or {name}.gz; --data-dir should be the folder of MNIST's files")
