"""Warnings that point at the line of the user's that led to them."""

from __future__ import annotations

import pathlib
import sys
import warnings

__all__ = ["warn_user"]


def warn_user(message: str) -> None:
    """Warn with the file and line of the nearest caller outside this library and Paddle."""
    files = [__file__, getattr(sys.modules.get("paddle"), "__file__", None)]
    inside = [str(pathlib.Path(file).parent) for file in files if file]
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(tuple(inside)):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, stacklevel=level)
