"""All trainings of the table: in parallel, stopped and resumed at will."""

from __future__ import annotations

import dataclasses
import json
import logging
import pathlib
import platform
from functools import cache
from importlib import metadata

import numpy as np
import paddle

from paddleslim.kernels.choice import installed

from ..distributed.executor import compute_all
from ..state.atomic_file import clear_unfinished, write_atomically
from ..state.schema import NUMBER
from ..state.sealed_json import read_object, write_object
from ..training.log import logger
from .protocol import PROTOCOL, Protocol, load_images, train_cell
from .space import CELLS, canonical, to_code

__all__ = ["describe", "open_folder", "read_trainings", "train_all"]


def train_all(folder, executor, data_dir=None, protocol=PROTOCOL, cells=CELLS, notify=print):
    """Train every cell with every seed of the protocol, but for what `folder` holds already.

    Cells that compute the same are trained once. Each training becomes a file as soon as it is complete, so nothing
    but the trainings under way is lost where the program is stopped.

    Args:
        folder: for the results; the protocol and the versions are noted in it.
        executor: a `concurrent.futures.Executor`.
        data_dir: the folder with the files of Fashion-MNIST, downloaded by Paddle if None.
        protocol: a `Protocol`.
        cells: genotypes.
        notify: function of a line of text, called after each training.

    Raises:
        ValueError: the folder holds results of another protocol or of other versions.
        RuntimeError: a worker died.
    """
    folder = open_folder(folder, protocol)
    clear_unfinished(folder, ("protocol.json", "table.json", "???-*.json"))
    wanted = dict.fromkeys((canonical(cell), seed) for seed in protocol.seeds for cell in cells)
    missing = {
        (cell, seed): (cell, seed, data_dir, protocol)
        for cell, seed in wanted
        if not path_of(folder, cell, seed).exists()
    }
    notify(f"{len(wanted)} trainings, {len(wanted) - len(missing)} of them there already")
    for count, ((cell, seed), trained) in enumerate(compute_all(executor, train, missing), 1):
        result = {"cell": to_code(cell), "seed": seed, **trained}
        write_object(path_of(folder, cell, seed), result, indent=None)
        what = f"{result['cell']} seed {seed}: {result['accuracy']:.4f} in {result['seconds']:.0f} s"
        notify(f"{count}/{len(missing)} {what}")


def train(genotype, seed, data_dir, protocol):
    """Train one cell in the process of a worker; return what becomes its file."""
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        accuracy, seconds = train_cell(genotype, images_of(data_dir, protocol), seed, protocol.settings)
    finally:
        logger.setLevel(level)
    return {"accuracy": round(accuracy, 6), "seconds": round(seconds, 2)}


# a worker trains many cells on the same images
images_of = cache(load_images)


def open_folder(folder, protocol: Protocol):
    """Return the folder, with the protocol and the versions in it.

    Raises:
        ValueError: it holds results of another protocol or of other versions.
    """
    folder = pathlib.Path(folder)
    text = json.dumps(describe(protocol), indent=1)
    path = folder / "protocol.json"
    if path.exists() and path.read_bytes() != text.encode():
        raise ValueError(
            f"{folder} holds results of another protocol or of other versions, see {path.name}; choose another folder"
        )
    write_atomically(path, text.encode())
    return folder


def describe(protocol):
    """Return the protocol and the versions that the numbers may depend on, by name."""
    found = {"python": platform.python_version(), "paddle": paddle.__version__, "numpy": np.__version__}
    found["numba"] = metadata.version("numba") if installed() else None
    found.update(paddleslim=metadata.version("paddleslim"), machine=platform.machine())
    return {"protocol": dataclasses.asdict(protocol), "versions": found}


def path_of(folder, cell, seed):
    return folder / f"{to_code(cell)}-{seed}.json"


def read_trainings(folder, protocol=PROTOCOL, cells=CELLS):
    """Return `{(genotype, seed): {"accuracy", "seconds"}}` of all cells, those that compute the same alike.

    Raises:
        FileNotFoundError: a training is missing.
        ValueError: the file of one is damaged, or of something else.
    """
    found = {}
    for cell in cells:
        for seed in protocol.seeds:
            path = path_of(pathlib.Path(folder), canonical(cell), seed)
            if not path.exists():
                raise FileNotFoundError(f"{path} is missing; train on until all cells are complete")
            found[cell, seed] = read_object(path, {"accuracy": NUMBER, "seconds": NUMBER})
    return found
