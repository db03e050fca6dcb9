"""One rank of a search and a retraining of networks of one's own, compiled and not; run by test_compiled.py.

compiled.py FOLDER SETTINGS.json
"""

import os
import pathlib
import sys

import numpy as np
import paddle
from paddle.nn import functional as F

from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.retrain import Retraining, RetrainSettings
from tests.nas.darts.training.test_compiling import Mixed
from tests.supernets import random_batches

RANK = int(os.environ.get("PADDLE_TRAINER_ID", 0))
BATCHES = [(image, label % 5) for image, label in random_batches(8, samples=4, size=6, channels=3)]


class Supernet(Mixed):
    def _loss(self, image, label):
        return F.cross_entropy(self(image), label)

    def arch_parameters(self):
        return [self.alphas]

    def genotype(self):
        return int(self.alphas.argmax())


def search(mode, folder):
    network = Supernet()
    run = DARTSearch(
        network,
        BATCHES[:4],
        BATCHES[4:],
        "cpu",
        batchsize=4,
        num_imgs=32,
        num_epochs=2,
        unrolled=True,
        use_data_parallel=True,
        save_dir=folder,
        compile=mode,
    )
    run.train()
    return network, run.compiling


def retrain(mode, folder):
    network = Mixed()
    settings = RetrainSettings(epochs=2, batch_size=4, learning_rate=0.05)
    run = Retraining(network, BATCHES, BATCHES[:2], settings, use_data_parallel=True, save_dir=folder, compile=mode)
    run.train()
    return network, run.compiling


def main(folder):
    for work in (search, retrain):
        for mode in ("off", "on"):
            paddle.seed(3)
            network, compiling = work(mode, str(folder / f"{work.__name__}-{mode}"))
            if bool(compiling.recordings) != (mode == "on"):
                raise RuntimeError(f"{work.__name__}: {compiling.reason}")
            state = {name: value.numpy() for name, value in network.state_dict().items()}
            np.savez(folder / f"{work.__name__}-{mode}-{RANK}.npz", **state)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
