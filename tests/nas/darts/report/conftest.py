import math

import numpy as np
import pytest

from paddleslim.nas.darts.genotype.edges import choose_edges
from paddleslim.nas.darts.genotype.genotype import Genotype
from paddleslim.nas.darts.report import EpochRecord, Recording
from paddleslim.nas.darts.search_space import PRIMITIVES


def make_recording(epochs=50, steps=4, seed=0, primitives=PRIMITIVES):
    """Return a recording of as many epochs whose alphas walk at random."""
    rng = np.random.default_rng(seed)
    edges, count = steps * (steps + 3) // 2, len(primitives)
    alphas = {cell: np.zeros([edges, count]) for cell in ("normal", "reduction")}
    records = []
    for epoch in range(epochs + 1):
        strengths, genes = {}, []
        for cell in alphas:
            alphas[cell] += rng.normal(0, 0.1, [edges, count])
            powers = np.exp(alphas[cell])
            strengths[cell] = np.round(powers / powers.sum(axis=1, keepdims=True), 6).tolist()
            genes.append(choose_edges(np.array(strengths[cell]), steps, list(primitives)))
        genotype = Genotype(genes[0], range(2, 2 + steps), genes[1], range(2, 2 + steps))
        figures = {
            "steps": 11.0,
            "learning_rate": 0.0125 * (math.cos(math.pi * epoch / epochs) + 1),
            "train_loss": 2.3 * 0.95**epoch,
            "train_accuracy": 1 - 0.9 * 0.95**epoch,
            "valid_loss": 2.3 * 0.96**epoch,
            "valid_accuracy": 1 - 0.9 * 0.96**epoch,
            "skips_normal": sum(operation == "skip_connect" for operation, _ in genes[0]),
            "skips_reduce": sum(operation == "skip_connect" for operation, _ in genes[1]),
            "entropy": 2.08 * 0.999**epoch,
        }
        records.append(EpochRecord(epoch, 1.5 * epoch, genotype, strengths, figures if epoch else {}))
    operations = {cell: [list(primitives)] * edges for cell in alphas}
    return Recording("a search", {"seed": seed}, {"PaddlePaddle": "3"}, operations, epochs, records, "finished")


@pytest.fixture
def recording():
    return make_recording()


@pytest.fixture
def short_recording():
    return make_recording(epochs=3, steps=2)
