"""Warnings that point at the line of the user's that led to them."""

from __future__ import annotations

import os
import pathlib
import sys
import warnings

__all__ = ["warn_user"]

STANDARD_LIBRARY = os.path.dirname(os.__file__)
OTHERS = ("site-packages", "dist-packages")  # of the standard library's folder, but not of Python itself


def warn_user(message: str) -> None:
    """Warn with the file and line of the nearest caller outside this library, Paddle and Python itself."""
    files = [__file__, getattr(sys.modules.get("paddle"), "__file__", None)]
    libraries = tuple(str(pathlib.Path(file).parent) + os.sep for file in files if file)
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and is_inside(frame.f_code.co_filename, libraries):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, stacklevel=level)


def is_inside(file: str, libraries: tuple[str, ...]) -> bool:
    """Return whether a file is of one of these libraries, or of Python, such as `contextlib.py`."""
    if file.startswith(libraries) or file.startswith("<frozen "):
        return True
    return file.startswith(STANDARD_LIBRARY + os.sep) and not any(f"{os.sep}{name}{os.sep}" in file for name in OTHERS)
