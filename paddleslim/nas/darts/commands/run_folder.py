"""The folder a command leaves: its settings, its log, its results."""

from __future__ import annotations

import contextlib
import logging
import pathlib
import random
import time

import click

from ..state.run_files import is_of_run
from ..training.log import logger as line_logger
from ..training.log import signals_logger
from .launch import is_first_rank, is_rank

__all__ = ["logged_to", "name_run", "require_empty", "require_new", "seed_everything", "spare_runs"]


def name_run(command, data):
    """Return `runs/<command>-<data>-<time>`, where a run goes that was given no folder."""
    return pathlib.Path("runs") / time.strftime(f"{command}-{pathlib.Path(data).stem}-%Y%m%d-%H%M%S")


def require_empty(folder, option="--save-dir"):
    """Raise a UsageError if the folder, which an option of the command line names, holds anything."""
    if folder.is_dir() and any(folder.iterdir()):
        raise click.UsageError(f"{folder} is not empty; name another {option}, so that nothing is overwritten")


def require_new(folder):
    """Raise a UsageError unless a run may begin in the folder that --save-dir names.

    It holds nothing; or no run, where several ranks that somebody's launcher started find in it what others write.
    """
    if not is_rank():
        require_empty(folder)
    elif is_first_rank() and (folder / "settings.json").is_file():
        raise click.UsageError(
            f"{folder} holds a run; add --resume, or name another --save-dir, so that nothing is overwritten"
        )


def spare_runs(**files):
    """Raise a UsageError if a file that an option names is one of a run; the names are those of the options."""
    for name, path in files.items():
        if path is not None and is_of_run(path):
            option = "FILE" if name == "file" else f"--{name}"
            raise click.UsageError(f"{path} is a file of a run; name another {option}, so that nothing is overwritten")


def seed_everything(seed):
    """Seed the random numbers of Paddle, numpy and Python."""
    import numpy as np
    import paddle

    paddle.seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


class Printing(logging.Handler):
    """Print log lines to a console, above a progress bar that it may show."""

    def __init__(self, console):
        super().__init__()
        self.console = console

    def emit(self, record):
        try:
            self.console.print(record.getMessage(), highlight=False, soft_wrap=True, markup=False)
        except Exception:  # a signal may come while the terminal is written to
            self.handleError(record)


@contextlib.contextmanager
def logged_to(path, console=None):
    """Send the log lines of a search or a training to the file at `path` instead of the terminal.

    What is done about a signal is printed to `console` as well, since the present step may take long.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handler, printing = logging.FileHandler(path, encoding="utf-8"), Printing(console)
    before, propagated = line_logger.handlers[:], line_logger.propagate
    handler.setFormatter(before[0].formatter)
    line_logger.handlers[:], line_logger.propagate = [handler], False
    if console is not None:
        signals_logger.addHandler(printing)
    try:
        yield
    finally:
        signals_logger.removeHandler(printing)
        line_logger.handlers[:], line_logger.propagate = before, propagated
        handler.close()
