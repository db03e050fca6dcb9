"""Train all cells of the table: `python -m paddleslim.nas.darts.truth.generate --help`."""

from __future__ import annotations

import argparse
import pathlib
import time

from .executor import make_executor
from .trainings import train_all

__all__ = ["main"]


def main(arguments=None):
    """Train what is missing in a folder."""
    parser = argparse.ArgumentParser(prog="python -m paddleslim.nas.darts.truth.generate", description=__doc__)
    parser.add_argument("--folder", type=pathlib.Path, default="runs/truth", help="Folder of the results.")
    parser.add_argument("--data-dir", help="Folder with the files of Fashion-MNIST; downloaded if not given.")
    parser.add_argument("--workers", type=int, help="Number of processes; one for each core if not given.")
    options = parser.parse_args(arguments)
    with make_executor(options.workers) as executor:
        train_all(options.folder, executor, options.data_dir, notify=log)


def log(line):
    print(time.strftime("%H:%M:%S"), line, flush=True)


if __name__ == "__main__":
    main()
