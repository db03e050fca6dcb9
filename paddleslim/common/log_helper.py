"""Loggers: PaddleSlim's, and the ordinary ones of this package."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Iterator

from .visible import visible

__all__ = ["get_logger", "hidden_lines", "only_errors", "package_logger"]

FORMAT = "%(asctime)s-%(levelname)s: %(message)s"
HIDDEN: list[str] = []  # names of loggers whose lines are shown in another way at present
PADDLES = "[%(asctime)-15s] [%(levelname)8s] %(filename)s:%(lineno)s - %(message)s"  # of its root handler


def get_logger(name: str, level: int | str, fmt: str = FORMAT) -> logging.Logger:
    """Return the logger called `name`, at `level`, writing lines in the format `fmt` to the standard error stream.

    Asking twice for the same name gives the same logger, with one handler.
    """
    logger = logging.getLogger(name)
    logger.setLevel(level)
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.StreamHandler())
    for handler in logger.handlers:
        handler.setFormatter(VisibleFormatter(fmt))
    return logger


def package_logger(name: str) -> logging.Logger:
    """Return the logger called `name`, "paddleslim" or one below it: ordinary, with levels and handlers of one's own.

    Lines of INFO and above are printed to the standard error stream, unless "paddleslim" has a level already; and once,
    also where a handler of one's own, there or at the root, prints them.
    """
    top = logging.getLogger("paddleslim")
    if not any(isinstance(handler, DefaultHandler) for handler in top.handlers):
        handler = DefaultHandler()
        handler.setFormatter(VisibleFormatter(FORMAT))
        top.addHandler(handler)
        if top.level == logging.NOTSET:
            top.setLevel(logging.INFO)
    return logging.getLogger(name)


@contextlib.contextmanager
def hidden_lines(logger: logging.Logger) -> Iterator[None]:
    """Print the lines of INFO of a logger of this package to no terminal; handlers of one's own get them still."""
    HIDDEN.append(logger.name)
    try:
        yield
    finally:
        HIDDEN.remove(logger.name)


@contextlib.contextmanager
def only_errors() -> Iterator[None]:
    """Print no line of this package below ERROR to the terminal; handlers of one's own get them still."""
    package_logger("paddleslim")
    handlers = [h for h in logging.getLogger("paddleslim").handlers if isinstance(h, DefaultHandler)]
    lowest = [handler.lowest for handler in handlers]
    try:
        for handler in handlers:
            handler.lowest = logging.ERROR
        yield
    finally:
        for handler, level in zip(handlers, lowest):
            handler.lowest = level


class VisibleFormatter(logging.Formatter):
    """Write names of files and classes so that none of them steers a terminal, see `visible`."""

    def format(self, record: logging.LogRecord) -> str:
        return visible(super().format(record))


class DefaultHandler(logging.StreamHandler):  # type: ignore[type-arg]  # no class of generics on Python 3.9
    """Print to the present standard error stream, where no other handler prints to a terminal.

    Attributes:
        lowest: the level of the lines that are printed. It is no level of logging's own, by which the filters would not
            see the other lines, and would not silence the handler that `import paddle` adds meanwhile.
    """

    lowest = logging.NOTSET

    def __init__(self) -> None:
        super().__init__()
        self.addFilter(lambda record: not any(map(self.is_printer, self.others())))
        self.addFilter(lambda record: record.levelno >= self.lowest)
        self.addFilter(lambda record: record.levelno > logging.INFO or record.name not in HIDDEN)

    def others(self) -> list[logging.Handler]:
        """Return the handlers that get the same lines."""
        top, root = logging.getLogger("paddleslim"), logging.getLogger()
        found = top.handlers + (root.handlers if top.propagate else [])
        return [handler for handler in found if handler is not self and not self.is_silenced(handler)]

    @staticmethod
    def is_silenced(handler: logging.Handler) -> bool:
        """Whether a handler is the one that `import paddle` adds to the root logger, which then skips our lines."""
        if getattr(handler.formatter, "_fmt", None) != PADDLES:
            return False
        if skips_ours not in handler.filters:
            handler.addFilter(skips_ours)
        return True

    @staticmethod
    def is_printer(handler: logging.Handler) -> bool:
        """Whether a handler prints to a terminal, as a StreamHandler on a standard stream or one of rich does."""
        standard = sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__
        return hasattr(handler, "console") or any(getattr(handler, "stream", None) is stream for stream in standard)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr  # not by `setStream`, which flushes the one before, though it may be closed
        super().emit(record)


def skips_ours(record: logging.LogRecord) -> bool:
    """Whether a record is of another package."""
    return record.name != "paddleslim" and not record.name.startswith("paddleslim.")
