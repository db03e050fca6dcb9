"""Files of numpy arrays, `.npy` and `.npz`: numbers and texts alone, and no more of them than the file holds."""

from __future__ import annotations

import math
import pathlib
import zipfile

import numpy as np

from ....common.one_line import one_line

__all__ = ["check_expansion", "has_ending", "read_npy", "read_npz_arrays"]

LARGE = 2**26  # bytes that may come of any compressed file
FOLD = 200  # by which more bytes may exceed what they were compressed to
HEADS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def has_ending(path, ending):
    """Whether the name of a file ends so, in small letters or capitals."""
    return pathlib.Path(path).suffix.lower() == ending


def read_npy(path):
    """Return the array in a file of `numpy.save`.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is damaged, or holds no array of numbers or texts.
    """
    path = pathlib.Path(path)
    with path.open("rb") as file:
        try:
            check_head(file, path.stat().st_size)
            file.seek(0)
            return np.lib.format.read_array(file, allow_pickle=False)
        except MemoryError:
            raise
        except Exception as error:  # numpy raises what its parts raise
            raise ValueError(f"{path} is damaged, or holds no array: {spell(error)}") from error


def read_npz_arrays(path):
    """Return the arrays in a file of `numpy.savez` or `numpy.savez_compressed`, by name; see `read_npy`."""
    path, found = pathlib.Path(path), {}
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
                check_expansion(sum(entry.file_size for entry in entries), path.stat().st_size)
                for entry in entries:
                    with archive.open(entry) as member:
                        check_head(member, entry.file_size)
                    with archive.open(entry) as member:
                        found[entry.filename[: -len(".npy")]] = np.lib.format.read_array(member, allow_pickle=False)
                        if member.read(1):  # which checks the sum of its bytes as well
                            raise ValueError("an array is followed by something else")
        except MemoryError:
            raise
        except Exception as error:  # zipfile and its decompressors raise many
            raise ValueError(f"{path} is damaged, or holds no arrays: {spell(error)}") from error
    return found


def check_head(file, size):
    """Raise a ValueError unless the head of an array says what fits the file of `size` bytes."""
    version = np.lib.format.read_magic(file)
    if version not in HEADS:
        raise ValueError(f"its format version {version} is not one of numbers")
    shape, _, dtype = HEADS[version](file)
    if dtype.kind not in "biufcSU":
        raise ValueError(f"it holds {dtype}; only numbers and texts are read")
    count = math.prod(shape) * dtype.itemsize
    if count != size - file.tell():
        raise ValueError(
            f"its head says {dtype} of shape {list(shape)}, {count} bytes, but {size - file.tell()} follow"
        )


def check_expansion(size, compressed):
    """Raise a ValueError if so few bytes would become so many that they are made to fill the memory."""
    if size > max(LARGE, FOLD * compressed):
        raise ValueError(f"its {compressed} bytes expand to {size}; if that is meant, write it without compression")


def spell(error):
    """Return an error in one line."""
    text = one_line(error)
    return text if isinstance(error, ValueError) and text else f"{type(error).__name__}: {text}"
