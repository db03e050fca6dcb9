"""One rank of searches by every method, one after the other; run by test_methods.py.

methods.py FOLDER SETTINGS.json
"""

import os
import pathlib
import sys

import numpy as np
import paddle

from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.search_space import DARTSSupernet, PCDARTSSupernet
from paddleslim.nas.darts.strategy.gumbel_softmax import GumbelSoftmax
from paddleslim.nas.darts.strategy.hypergradient import SecondOrder
from paddleslim.nas.darts.strategy.methods import METHODS
from paddleslim.nas.darts.strategy.operation_early_stopping import OperationEarlyStopping
from paddleslim.nas.darts.strategy.perturbation import Perturbation
from paddleslim.nas.darts.strategy.strategy import Strategy
from tests.supernets import random_batches, snapshot

RANK = int(os.environ.get("PADDLE_TRAINER_ID", 0))
CASES = {
    **{name: METHODS[name] for name in ("darts-minus", "drnas", "gdas", "sdarts-rs", "sdarts-adv", "fair-darts")},
    "gumbel, second order": Strategy(mixture=GumbelSoftmax(), hypergradient=SecondOrder()),
    "oles": Strategy(weight_step=OperationEarlyStopping(threshold=0.9, window=1)),
    "darts-pt": Strategy(selection=Perturbation(epochs=1)),
    "drnas-two-stage": METHODS["drnas-two-stage"],
}


def main(folder):
    paddle.set_device("cpu")
    for name, strategy in CASES.items():
        paddle.seed(3)
        primitives = ("none", "skip_connect", "sep_conv_3x3")
        sizes = {"primitives": primitives, "steps": 1, "multiplier": 1, "auxiliary_skip": True}
        if strategy.stages is None:
            supernet = DARTSSupernet(2, 10, 3, 1, **sizes)
        else:
            supernet = PCDARTSSupernet(12, 10, 2, 1, **sizes)
        batches = [random_batches(4, samples=4, seed=k) for k in range(2)]  # each rank takes every second one
        search = DARTSearch(
            supernet,
            *batches,
            "cpu",
            0.1,
            4,
            32,
            0.1,
            num_epochs=1 if strategy.stages is None else 2,
            save_dir=str(folder / name),
            use_data_parallel=True,
            strategy=strategy,
            log_freq=1,
        )
        genotype = search.train()
        # the statistics of norms are each rank's own
        state = {
            key: value for key, value in snapshot(supernet).items() if "_mean" not in key and "_variance" not in key
        }
        np.savez(folder / f"{name}-{RANK}.npz", genotype=np.array(str(genotype)), **state)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
