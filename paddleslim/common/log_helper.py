"""Loggers as PaddleSlim's: one handler each, nothing handed on to the root logger."""

from __future__ import annotations

import logging

__all__ = ["get_logger"]


def get_logger(name, level, fmt="%(asctime)s-%(levelname)s: %(message)s"):
    """Return the logger called `name`, at `level`, writing lines in the format `fmt` to the standard error stream.

    Asking twice for the same name gives the same logger, with one handler.
    """
    logger = logging.getLogger(name)
    logger.setLevel(level)
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.StreamHandler())
    for handler in logger.handlers:
        handler.setFormatter(logging.Formatter(fmt))
    return logger
