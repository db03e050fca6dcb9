"""Paths as their user means them."""

from __future__ import annotations

import os
import pathlib

from .types import FilePath

__all__ = ["fixed_path", "own_path"]


def own_path(path: FilePath) -> pathlib.Path:
    """Return the path of a file or folder; `~` is the home folder."""
    return pathlib.Path(path).expanduser()


def fixed_path(path: FilePath) -> pathlib.Path:
    """Return the path of what is written later: absolute, so that an `os.chdir` meanwhile moves nothing."""
    return pathlib.Path(os.path.abspath(own_path(path)))
