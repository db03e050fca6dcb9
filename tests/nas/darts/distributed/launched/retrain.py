"""One rank of a launched retraining; run by test_retraining.py.

    retrain.py FOLDER SETTINGS.json

Settings: `merge`: how many of the batches of 8 make one; a single process with all batches of two ranks merges two;
`valid`: how many batches validate. Or `cases`, the settings of several retrainings, each of which has the folder of its
name.
"""

import json
import os
import pathlib
import sys

import numpy as np
import paddle

from paddleslim.nas.darts.retrain import Retraining, RetrainSettings
from tests.supernets import random_batches

RANK = int(os.environ.get("PADDLE_TRAINER_ID", 0))
BATCHES = random_batches(8, samples=8)


def main(folder, settings):
    together = settings["merge"]
    paddle.seed(RANK)  # rank 0 decides
    image = BATCHES[0][0]
    network = paddle.nn.Sequential(paddle.nn.Flatten(), paddle.nn.Linear(image[0].size, 10))
    groups = [BATCHES[i : i + together] for i in range(0, len(BATCHES), together)]
    batches = [tuple(np.concatenate(arrays) for arrays in zip(*group)) for group in groups]
    retraining = Retraining(
        network,
        batches,
        batches[: settings["valid"]],
        RetrainSettings(epochs=2, batch_size=8 * together, learning_rate=0.1, label_smoothing=0.1),
        use_data_parallel=True,
        save_dir=folder / "run",
        log_freq=1,
    )
    retraining.train()
    np.savez(folder / f"rank{RANK}.npz", **{name: tensor.numpy() for name, tensor in network.state_dict().items()})


if __name__ == "__main__":
    given = json.loads(pathlib.Path(sys.argv[2]).read_text())
    for name, case in given.get("cases", {"": given}).items():
        main(pathlib.Path(sys.argv[1], name), case)
