"""Train all cells and write the table: `python -m paddleslim.nas.darts.truth.generate --help`."""

from __future__ import annotations

import argparse
import pathlib
import time

from ..distributed.executor import choose_executor
from ..state.run_lock import FolderInUseError, reserved
from .assembly import write_table
from .protocol import load_images
from .trainings import train_all

__all__ = ["main"]

DESCRIPTION = """Train all cells of the space and write the tabular benchmark. It may be stopped at any time; the same
command resumes with the trainings that are missing."""


def main(arguments=None):
    """Train what is missing in a folder, then write the table into it."""
    parser = argparse.ArgumentParser(prog="python -m paddleslim.nas.darts.truth.generate", description=DESCRIPTION)
    parser.add_argument(
        "--folder", type=pathlib.Path, default=pathlib.Path("runs/truth"), help="Folder of the results."
    )
    parser.add_argument("--data-dir", help="Folder with the files of Fashion-MNIST; downloaded if not given.")
    parser.add_argument("--workers", type=int, help="Number of processes; one for each core if not given.")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="Train on the workers of this Dask cluster instead.")
    options = parser.parse_args(arguments)
    try:
        with reserved(options.folder):
            with choose_executor(options.workers, options.scheduler) as executor:
                train_all(options.folder, executor, options.data_dir, notify=log)
            log("All cells are trained; parameters, FLOPs, latency and scores follow")
            write_table(options.folder / "table.json", options.folder, load_images(options.data_dir))
    except FolderInUseError as error:
        parser.error(f"{error.filename}: {error.strerror}")
    log(f"The table is {options.folder / 'table.json'}")


def log(line):
    print(time.strftime("%H:%M:%S"), line, flush=True)


if __name__ == "__main__":
    main()
