import os
import pathlib
import subprocess
import sys

import numpy as np

from tests.fluid.scripts.ranks import reader

ROOT = pathlib.Path(__file__).parents[3]
SCRIPT = ROOT / "tests" / "fluid" / "scripts" / "ranks.py"


def train_on_pairs_of_batches():
    """Return the weight after momentum steps on the batches of both ranks together, by numpy in float64."""
    batches = list(reader())
    weight, bias, velocity = np.full([4, 3], 0.1), np.zeros(3), [0.0, 0.0]
    for pair in zip(batches[::2], batches[1::2]):
        image, label = (np.concatenate(arrays) for arrays in zip(*pair))
        logits = image @ weight + bias
        gradient = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        gradient[np.arange(len(label)), label[:, 0]] -= 1
        gradients = image.T @ gradient / len(label), gradient.mean(axis=0)
        velocity = [0.9 * v + g for v, g in zip(velocity, gradients)]
        weight, bias = weight - 0.1 * velocity[0], bias - 0.1 * velocity[1]
    return weight


def test_a_loop_of_2020_over_two_ranks_computes_what_one_with_both_batches_does(tmp_path):
    # a file of its own, since the launcher starts scripts, not modules
    start = tmp_path / "start.py"
    start.write_text(f"import runpy, sys\nsys.argv[1:] = [{str(SCRIPT)!r}, {str(tmp_path)!r}]\n")
    with start.open("a") as file:
        file.write("runpy.run_module('paddleslim.fluid', run_name='__main__', alter_sys=True)\n")
    command = [sys.executable, "-m", "paddle.distributed.launch", "--nproc_per_node", "2"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PADDLE_", "FLAGS_"))}
    environment.update(PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1")
    run = subprocess.run(
        [*command, "--log_dir", str(tmp_path / "log"), str(start)], env=environment, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout
    ranks = [np.load(tmp_path / f"rank{rank}.npz") for rank in (0, 1)]
    assert [list(rank["place"]) for rank in ranks] == [[2, 0, 0], [2, 1, 0]]
    assert ranks[0]["weight"].tobytes() == ranks[1]["weight"].tobytes()
    np.testing.assert_allclose(ranks[0]["weight"], train_on_pairs_of_batches(), atol=1e-6)
