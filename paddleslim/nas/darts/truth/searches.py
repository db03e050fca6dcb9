"""Searches on the space of the table: each in a folder of its own, which is complete or can be resumed."""

from __future__ import annotations

import dataclasses
import json
import logging
import pathlib
import random
import time

import numpy as np
import paddle

from ....common.paths import own_path
from ..data import ShuffledBatches, split
from ..distributed.executor import compute_all
from ..genotype.edges import softmax
from ..search.dart_search import DARTSearch
from ..state.schema import NUMBER, check_shape
from ..state.sealed_json import SEAL, read_object, write_object
from ..strategy.methods import METHODS
from ..strategy.selection import Strongest, strength_of
from ..training.log import logger
from .budget import count_costs
from .protocol import PROTOCOL
from .space import CELLS, LETTERS, SPACE, from_code, to_code
from .trainings import describe, images_of

__all__ = ["JUDGED", "WORST", "log_weights", "search_all", "search_cell"]

# Methods that widen and prune a supernet on its way need one of the space of DARTS.
JUDGED = tuple(name for name, strategy in METHODS.items() if getattr(strategy, "stages", None) is None)
WORST = from_code("nnn")  # what a search that fails counts as
RESULT = {"method": str, "seed": int, "genotype": str, "weights": (list, type(None)), "seconds": NUMBER}


def search_all(folder, executor, methods, seeds, epochs, data_dir=None, protocol=PROTOCOL, notify=print):
    """Search with every method and every seed, but for what `folder` holds already.

    Args:
        folder: for the results, `<method>-<seed>/` for each search. On a cluster all machines must see it.
        executor: a `concurrent.futures.Executor`.
        methods: `{name in JUDGED: keywords of DARTSearch, such as arch_learning_rate}`; "budget" among them is the
            number of parameters above which the expected cost is added to the alphas' loss.
        seeds: of the split of the images, the first weights and alphas, the order of the images and the flips.
        epochs: of each search.
        data_dir: the folder with the files of Fashion-MNIST, downloaded by Paddle if None.
        protocol: a `Protocol`; its images, channels and batch size are those of the searches.
        notify: function of a line of text, called after each search.

    Returns:
        `{method: [result]}` in the order of the seeds, see `search_cell`.

    Raises:
        ValueError: a method is unknown, or the folder holds a search with other settings or versions.
        RuntimeError: a worker died.
    """
    folder = own_path(folder).resolve()
    found, missing = {}, {}
    for seed in seeds:  # all methods with one seed before the next: stopped at any time, they have equally many
        for method, settings in methods.items():
            path = folder / f"{method}-{seed}"
            found[method, seed] = read_result(path, describe_search(method, seed, epochs, settings, protocol))
            if found[method, seed] is None:
                missing[method, seed] = (path, data_dir, method, seed, epochs, settings, protocol)
    notify(f"{len(found)} searches, {len(found) - len(missing)} of them there already")
    for count, ((method, seed), result) in enumerate(compute_all(executor, run, missing), 1):
        found[method, seed] = result
        what = f"failed: {result['error']}" if result["error"] else f"cell {to_code(result['genotype'])}"
        notify(f"{count}/{len(missing)} {method} seed {seed}: {what} in {result['seconds']:.0f} s")
    return {method: [found[method, seed] for seed in seeds] for method in methods}


def run(folder, data_dir, method, seed, epochs, settings, protocol):
    """Search in the process of a worker; return the result."""
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        return search_cell(folder, images_of(data_dir, protocol), method, seed, epochs, settings, protocol)
    finally:
        logger.setLevel(level)


def search_cell(folder, dataset, method, seed, epochs, settings, protocol=PROTOCOL):
    """Search once, or resume a search, or return the result of a complete one.

    One half of the training images trains the weights, the other half the alphas; the seed decides which.

    Args:
        folder: of this search.
        dataset: what `load_images` returns.
        method, seed, epochs, settings, protocol: as of `search_all`, of one search.

    Returns:
        A dictionary: "method" and "seed"; "genotype", the cell found; "weights", what the mixture ranks the operations
        by, `[3, 5]`, None for a search that failed; "error", why it failed, or None; "seconds" and
        "processor_seconds", since it was begun or last resumed, and "resumed", whether it was.

    Raises:
        ValueError: the folder holds a search with other settings or versions.
    """
    start, processor, folder = time.perf_counter(), time.process_time(), pathlib.Path(folder)
    description = describe_search(method, seed, epochs, settings, protocol)
    complete = read_result(folder, description)
    if complete is not None:
        return complete
    resumed = (folder / "settings.json").exists()
    write_object(folder / "settings.json", description)
    search = prepare_search(folder, dataset, method, seed, epochs, settings, protocol)
    result = {"method": method, "seed": seed, "genotype": WORST, "weights": None, "error": None}
    try:
        result["genotype"] = str(search.train(resume=resumed))
        strength = strength_of(search) or softmax
        result["weights"] = np.asarray(strength(search.model.alphas.numpy().astype("float64"))).tolist()
    except FloatingPointError as error:  # it diverged, and would again
        result["error"] = str(error)
    result["seconds"] = round(time.perf_counter() - start, 2)
    result["processor_seconds"] = round(time.process_time() - processor, 2)
    result["resumed"] = resumed
    write_object(folder / "result.json", result)
    return read_result(folder, description)


def prepare_search(folder, dataset, method, seed, epochs, settings, protocol):
    """Return the `DARTSearch` of one search."""
    keywords = dict(settings)
    strategy = strategy_of(method, keywords.pop("budget", None), protocol)
    paddle.seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)
    train, valid = split(dataset.train, 0.5, seed=seed)
    supernet = SPACE.build_supernet(protocol.settings.channels, dataset.num_classes, 1, dataset.image_shape[0])
    size, augmentation = protocol.settings.batch_size, dataset.augmentation

    def normalise(image, rng):
        return augmentation.normalise(image)

    return DARTSearch(
        supernet,
        ShuffledBatches(train, size, seed, augmentation),
        ShuffledBatches(valid, size, seed + 1, normalise),
        "cpu",
        batchsize=size,
        num_imgs=len(train) + len(valid),
        num_epochs=epochs,
        strategy=strategy,
        save_dir=str(folder),
        deterministic=True,
        **keywords,
    )


def strategy_of(method, budget=None, protocol=PROTOCOL):
    """Return the `Strategy` of a method; none leaves edges out, as every cell of this space has all of them.

    Args:
        method: a name in `JUDGED`.
        budget: parameters of the network beyond which the expected ones are part of the alphas' loss; None for none.
        protocol: a `Protocol`, for the sizes of that network.

    Raises:
        ValueError: the method is unknown, or cannot search on this space.
    """
    if method not in JUDGED:
        raise ValueError(f"method must be one of {', '.join(JUDGED)}, got {method!r}")
    strategy = METHODS[method]
    if method == "fair-darts":
        strategy = dataclasses.replace(strategy, selection=Strongest())
    if budget is not None:
        penalty = count_costs(protocol).penalty(budget)
        strategy = dataclasses.replace(strategy, penalties=(*strategy.penalties, penalty))
    return strategy


def describe_search(method, seed, epochs, settings, protocol):
    """Return all that the result of a search may depend on, as JSON gives it back.

    Raises:
        ValueError: the method is unknown.
    """
    strategy = strategy_of(method, settings.get("budget"), protocol).describe()
    chosen = {"method": method, "seed": seed, "epochs": epochs, "settings": settings, "strategy": strategy}
    return json.loads(json.dumps({**chosen, **describe(protocol)}, default=str))


def read_result(folder, description):
    """Return the result of a complete search, None of one that is not.

    Raises:
        ValueError: the folder holds a search with other settings or versions, or a damaged file.
    """
    path = folder / "settings.json"
    if not path.exists():
        return None
    content = {name: value for name, value in read_object(path).items() if name != SEAL}
    if content != description:
        raise ValueError(f"{folder} holds a search with other settings or versions, see {path.name}; choose another")
    if not (folder / "result.json").exists():
        return None
    return read_search(folder / "result.json")


def read_search(path):
    """Return the result in the file of a complete search, see `search_cell`.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is damaged, or of something else.
    """
    result = read_object(path, RESULT)
    try:
        to_code(result["genotype"])
        check_weights(result["weights"])
    except ValueError as error:
        raise ValueError(f"{path} is damaged or of something else: {error}") from error
    return result


def check_weights(weights):
    """Raise a ValueError unless these are weights of a search: a number for each operation on each edge, or None."""
    if weights is not None:
        check_shape(weights, [[NUMBER]], "weights")
        if [len(row) for row in weights] != [len(LETTERS)] * len(to_code(WORST)):
            raise ValueError(f"`weights` must be {len(LETTERS)} numbers for each of {len(to_code(WORST))} edges")


def log_weights(weights):
    """Return `{genotype: sum of the logarithms of the weights of its operations}`, to rank all cells by one search.

    Args:
        weights: `[3, 5]`, rows and columns in the order of the alphas.
    """
    logarithms = np.log(np.maximum(weights, 1e-300))
    column = {letter: operation for operation, letter in enumerate(LETTERS.values())}
    return {
        cell: float(sum(logarithms[edge, column[letter]] for edge, letter in enumerate(to_code(cell))))
        for cell in CELLS
    }
