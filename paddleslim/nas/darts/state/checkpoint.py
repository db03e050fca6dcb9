"""One file that holds all a search needs to resume: written at once or not at all, and verified when read."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import pathlib

import numpy as np
import safetensors
import safetensors.numpy

from .atomic_file import write_atomically
from .sealed_json import parse

__all__ = ["Checkpoint", "DamagedCheckpointError", "read_checkpoint", "write_checkpoint"]

VERSION = 1


class DamagedCheckpointError(ValueError):
    """A checkpoint does not hold what was written to it."""


@dataclasses.dataclass
class Checkpoint:
    """Arrays by name, and a record of what JSON can say: numbers, texts, lists and dictionaries.

    `run` names the run it is of, see `CheckpointFolder`.
    """

    arrays: dict[str, np.ndarray]
    record: dict
    run: str = ""


def write_checkpoint(path, checkpoint):
    """Write `checkpoint` to the file at `path`: after any interruption it is there as a whole, or as it was before.

    The file is a safetensors one; its metadata hold the record as JSON, the format version and a checksum.

    Raises:
        OSError: it cannot be written; the message says so and nothing is left behind.
    """
    arrays = {name: np.array(array, order="C") for name, array in checkpoint.arrays.items()}
    texts = {"record": json.dumps(checkpoint.record), "version": str(VERSION), "run": checkpoint.run}
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
        texts.update({name: metadata[name] for name in ("run",) if name in metadata})
    except Exception as error:  # the library raises different ones for different damages
        raise DamagedCheckpointError(f"{path} is truncated or altered ({type(error).__name__}: {error})") from error
    # The checksum is made in the same way in every version, so that damage is not taken for another version.
    if compute_checksum(arrays, texts) != checksum:
        raise DamagedCheckpointError(f"{path} is altered: its content does not match its checksum")
    try:
        version, record = int(texts["version"]), parse(texts["record"].encode())
        if not isinstance(record, dict):
            raise ValueError("its record is no JSON object")
    except ValueError as error:
        raise DamagedCheckpointError(f"{path} is altered: {error}") from error
    if version > VERSION:
        raise ValueError(
            f"{path} is of format version {texts['version']}, and this paddleslim reads up to {VERSION}; "
            "update paddleslim to resume from it"
        )
    return Checkpoint(arrays, record, texts.get("run", ""))


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
