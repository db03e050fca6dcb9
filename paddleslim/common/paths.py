"""Paths as their user means them."""

from __future__ import annotations

import os
import pathlib
import re

from .types import FilePath

__all__ = ["fixed_path", "is_url", "own_path"]


def own_path(path: FilePath) -> pathlib.Path:
    """Return the path of a file or folder; `~` is the home folder."""
    return pathlib.Path(path).expanduser()


def is_url(text: object) -> bool:
    """Whether a text is the address of something on another machine, which no path is."""
    return re.match(r"(?!file:)[a-z][a-z0-9+.-]+:/", str(text), re.IGNORECASE) is not None


def fixed_path(path: FilePath) -> pathlib.Path:
    """Return the path of what is written later: absolute, so that an `os.chdir` meanwhile moves nothing."""
    return pathlib.Path(os.path.abspath(own_path(path)))
