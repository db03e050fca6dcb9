"""Files that are written as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import pathlib

__all__ = ["write_atomically"]


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
            "Make room or choose another folder; a search can then be resumed",
            str(path),
        ) from error


def sync_folder(folder):
    """Force the names in `folder` to the disk, so that a renamed file stays renamed after a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
