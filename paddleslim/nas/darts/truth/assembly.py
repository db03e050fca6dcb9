"""From complete trainings to the file of the table."""

from __future__ import annotations

import json

import paddle

from ..networks.measure import count_multiply_adds, count_parameters, measure_latency
from ..state.atomic_file import write_atomically
from ..state.sealed_json import SEAL, seal
from .protocol import PROTOCOL
from .space import CELLS, build_network, to_code
from .trainings import describe, read_trainings
from .zero_cost import gradient_norm, synflow

__all__ = ["count_cell", "score_cell", "write_table"]

LATENCY_NOTE = (
    "Milliseconds for one image in evaluation mode, one thread: the smallest of {rounds} medians of {repeats} passes, "
    "measured in turns over all cells."
)


def write_table(path, folder, dataset, protocol=PROTOCOL, cells=CELLS, rounds=10, repeats=5):
    """Write the file of the table; the trainings in `folder` must be complete.

    Args:
        path: of the file.
        folder: as of `train_all`.
        dataset: what `load_images` returns.
        protocol: a `Protocol`.
        cells: genotypes; a table of fewer than all cannot be loaded.
        rounds, repeats: of the measurement of the latency. Nothing else should run beside it.

    Raises:
        FileNotFoundError: a training is missing.
    """
    trainings = read_trainings(folder, protocol, cells)
    latencies = measure_latencies(cells, dataset, protocol, rounds, repeats)
    found = {}
    for cell in cells:
        parameters, flops = count_cell(cell, protocol, dataset.image_shape, dataset.num_classes)
        found[to_code(cell)] = {
            "accuracies": [trainings[cell, seed]["accuracy"] for seed in protocol.seeds],
            "parameters": parameters,
            "flops": flops,
            "latency": round(latencies[cell], 4),
            "scores": {name: float(f"{score:.6g}") for name, score in score_cell(cell, dataset, protocol).items()},
        }
    note = LATENCY_NOTE.format(rounds=rounds, repeats=repeats)
    about = {**describe(protocol), "data": dataset.name, "latency": note}
    head = json.dumps({**about, SEAL: seal({**about, "cells": found})[SEAL]}, indent=1)
    # one cell a line
    rows = ",\n".join(f"  {json.dumps(code)}: {json.dumps(row)}" for code, row in found.items())
    write_atomically(path, (head[: head.rindex("}")].rstrip() + ',\n "cells": {\n' + rows + "\n }\n}\n").encode())


def build(cell, protocol, image_shape, num_classes):
    return build_network(cell, protocol.settings.channels, num_classes, image_shape[0])


def count_cell(cell, protocol=PROTOCOL, image_shape=(1, 14, 14), num_classes=10):
    """Return the parameters and the FLOPs of a cell's network as it is built, with operations that reach nothing."""
    network = build(cell, protocol, image_shape, num_classes)
    return count_parameters(network), count_multiply_adds(network, list(image_shape))


def score_cell(cell, dataset, protocol=PROTOCOL):
    """Return the zero-cost scores of a cell, each the mean over networks of the protocol's seeds.

    The gradient is that of the first batch of training images, not augmented.
    """
    size = protocol.settings.batch_size
    image = paddle.to_tensor(dataset.augmentation.normalise(dataset.train.image[:size]))
    label = paddle.to_tensor(dataset.train.label[:size, None])
    found: dict[str, list[float]] = {"synflow": [], "gradient_norm": []}
    for seed in protocol.seeds:
        paddle.seed(seed)
        network = build(cell, protocol, dataset.image_shape, dataset.num_classes)
        found["synflow"].append(synflow(network, dataset.image_shape))
        found["gradient_norm"].append(gradient_norm(network, image, label))
    return {name: sum(scores) / len(scores) for name, scores in found.items()}


def measure_latencies(cells, dataset, protocol, rounds, repeats):
    """Return `{cell: milliseconds}`, measured in turns, so that a slow moment meets all cells alike."""
    networks = {cell: build(cell, protocol, dataset.image_shape, dataset.num_classes) for cell in cells}
    best = dict.fromkeys(networks, float("inf"))
    for _ in range(rounds):
        for cell, network in networks.items():
            best[cell] = min(best[cell], 1000 * measure_latency(network, dataset.image_shape, repeats))
    return best
