"""Whether a folder can be written, found out before anything is computed."""

from __future__ import annotations

import pathlib
import tempfile

__all__ = ["check_writable"]


def check_writable(folder):
    """Raise an OSError unless files can be written to `folder`, which is made if need be."""
    try:
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise type(error)(
            error.errno, f"save_dir cannot be written ({error.strerror}); choose another", str(folder)
        ) from error
