"""Files that are written as a whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import pathlib
import re

from ....common.paths import own_path

__all__ = ["clear_unfinished", "write_atomically", "write_text_atomically"]

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
SMALL = 50_000  # bytes, below which a size says nothing
UNSUPPORTED = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)  # where a file system cannot sync


def write_atomically(path, content):
    """Write the bytes `content` to `path` by way of a temporary file, all of it forced to the disk.

    Raises:
        OSError: it cannot be written; the message says what to do, and `path` is as it was before.
    """
    path = own_path(path)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            sync(file.fileno())
        os.replace(unfinished, path)
        sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        size = f"{len(content) / 1e6:.1f} MB" if len(content) > SMALL else "it"
        full = error.errno in FULL
        raise type(error)(
            error.errno,
            f"{size} could not be saved ({error.strerror}); what was saved before is intact. "
            + ("Make room or choose another folder; a search can then be resumed" if full else "Choose another folder"),
            str(path),
        ) from error


def write_text_atomically(path, text):
    r"""Write a text in UTF-8 by `write_atomically`; bytes of a file's name that are no text become `\udcff` and such.

    In JSON, that is the very character that Python has for such a byte.
    """
    write_atomically(path, text.encode(errors="backslashreplace"))


def sync(descriptor):
    """Force an open file to the disk, where the file system can."""
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise


def sync_folder(folder):
    """Force the names in `folder` to the disk, so that a renamed file stays renamed after a power failure.

    The file is in place by then: where a folder cannot be opened or synced, nothing more can be done, and only a
    power failure could lose it.
    """
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def clear_unfinished(folder, names):
    """Remove what a process that was killed left of `write_atomically` in `folder`; call it where nobody else writes.

    Args:
        folder: may be absent.
        names: patterns of the files that were written, such as 'genotype.json'; others are left alone.
    """
    for name in names:
        for path in pathlib.Path(folder).glob(f"{name}.*.tmp"):
            if re.fullmatch(r"[0-9]+", path.name.rsplit(".", 2)[1]):
                with contextlib.suppress(OSError):
                    path.unlink()
