"""One file that holds all a search needs to go on: written at once or not at all, and verified when read."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import pathlib

import numpy as np
import safetensors
import safetensors.numpy

__all__ = ["Checkpoint", "DamagedCheckpointError", "read_checkpoint", "write_atomically", "write_checkpoint"]

VERSION = 1


class DamagedCheckpointError(ValueError):
    """A checkpoint does not hold what was written to it."""


@dataclasses.dataclass
class Checkpoint:
    """Arrays by name, and a record of what JSON can say: numbers, texts, lists and dictionaries."""

    arrays: dict[str, np.ndarray]
    record: dict


def write_checkpoint(path, checkpoint):
    """Write `checkpoint` to the file at `path`: after any interruption it is there as a whole, or as it was before.

    The file is a safetensors one; its metadata hold the record as JSON, the format version and a checksum.

    Raises:
        OSError: it cannot be written; the message says so and nothing is left behind.
    """
    arrays = {name: np.array(array, order="C") for name, array in checkpoint.arrays.items()}
    texts = {"record": json.dumps(checkpoint.record), "version": str(VERSION)}
    metadata = {**texts, "sha256": compute_checksum(arrays, texts)}
    write_atomically(path, safetensors.numpy.save(arrays, metadata))


def read_checkpoint(path):
    """Return the `Checkpoint` in the file at `path`. Nothing in it is ever executed.

    Raises:
        OSError: the file cannot be opened.
        DamagedCheckpointError: it is truncated or altered.
        ValueError: a newer paddleslim wrote it.
    """
    path = pathlib.Path(path)
    with path.open("rb"):  # what the system refuses is no damage
        pass
    try:
        with safetensors.safe_open(str(path), "numpy") as file:
            metadata = dict(file.metadata() or {})
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        checksum = metadata.pop("sha256")
        texts = {name: metadata[name] for name in ("record", "version")}
    except Exception as error:  # the library raises different ones for different damages
        raise DamagedCheckpointError(f"{path} is truncated or altered ({type(error).__name__}: {error})") from error
    # The checksum is made in the same way in every version, so that damage is not taken for another version.
    if compute_checksum(arrays, texts) != checksum:
        raise DamagedCheckpointError(f"{path} is altered: its content does not match its checksum")
    if int(texts["version"]) > VERSION:
        raise ValueError(
            f"{path} is of format version {texts['version']}, and this paddleslim reads up to {VERSION}; "
            "update paddleslim to go on from it"
        )
    return Checkpoint(arrays, json.loads(texts["record"]))


def compute_checksum(arrays, texts):
    """Return the SHA-256 over names, types, shapes and bytes of all arrays, and over all texts."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"{name}\0{array.dtype.str}\0{list(array.shape)}\0".encode())
        digest.update(array.tobytes())
    for name in sorted(texts):
        digest.update(f"{name}\0{len(texts[name])}\0{texts[name]}".encode())
    return digest.hexdigest()


def write_atomically(path, content):
    """Write the bytes `content` to `path` by way of a temporary file, all of it forced to the disk.

    Raises:
        OSError: it cannot be written; the message says what to do, and `path` is as it was before.
    """
    path = pathlib.Path(path)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise type(error)(
            error.errno,
            f"{len(content) / 1e6:.1f} MB could not be saved ({error.strerror}); what was saved before is intact. "
            "Make room or choose another save_dir, then go on with resume",
            str(path),
        ) from error


def sync_folder(folder):
    """Force the names in `folder` to the disk, so that a renamed file stays renamed after a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
