"""Warnings that point at the line of the user's that led to them."""

from __future__ import annotations

import pathlib
import sys
import warnings

__all__ = ["warn_user"]


def warn_user(message: str) -> None:
    """Warn with the file and line of the nearest caller outside this library and Paddle."""
    paddle = sys.modules.get("paddle")
    inside = [str(pathlib.Path(__file__).parent)]
    inside += [str(pathlib.Path(paddle.__file__).parent)] if getattr(paddle, "__file__", None) else []
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(tuple(inside)):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, stacklevel=level)
