"""Scripts of 2020 shuffle by global generators without a seed, in every process."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from paddleslim.fluid._equal_draws import draw_alike

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "fluid" / "scripts" / "shuffle_and_split.py"


@pytest.fixture(autouse=True)
def own_generators():
    states = np.random.get_state(), random.getstate()
    yield
    np.random.set_state(states[0])
    random.setstate(states[1])


def draw(endpoints, ranks=2):
    np.random.set_state(np.random.RandomState(np.random.MT19937()).get_state())  # as at the start of a process
    random.seed()
    draw_alike({"PADDLE_TRAINERS_NUM": str(ranks), "PADDLE_TRAINER_ENDPOINTS": endpoints})
    return np.random.rand(), random.random()


def test_the_ranks_of_a_launch_draw_alike_and_launches_differ():
    assert draw("a:1,a:2") == draw("a:1,a:2")
    assert not set(draw("a:1,a:2")) & set(draw("a:1,a:3"))


def test_a_single_process_is_left_alone():
    assert not set(draw("a:1", ranks=1)) & set(draw("a:1", ranks=1))


def test_a_seed_of_the_script_holds():
    np.random.seed(5)
    draw_alike({"PADDLE_TRAINERS_NUM": "2", "PADDLE_TRAINER_ENDPOINTS": "a:1,a:2"})
    assert np.random.rand() == np.random.RandomState(5).rand()


def test_a_script_that_shuffles_without_a_seed_shares_its_batches_rightly(tmp_path):
    command = [sys.executable, "-m", "paddle.distributed.launch", "--nproc_per_node", "2", "--max_restart", "0"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PADDLE_", "FLAGS_"))}
    environment.update(PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1")
    # a file of its own, since the launcher starts scripts, not modules
    start = tmp_path / "start.py"
    start.write_text(
        f"import runpy, sys\nsys.argv[1:] = [{str(SCRIPT)!r}, {str(tmp_path)!r}]\n"
        "runpy.run_module('paddleslim.fluid', run_name='__main__', alter_sys=True)\n"
    )
    run = subprocess.run(
        [*command, "--log_dir", str(tmp_path / "log"), str(start)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )
    logs = "".join(log.read_text() for log in sorted(tmp_path.glob("log/workerlog.*")))
    assert run.returncode == 0, logs[-3000:]
    ranks = [np.load(tmp_path / f"rank{rank}.npz") for rank in (0, 1)]
    np.testing.assert_array_equal(ranks[0]["train"], ranks[1]["train"])
    assert not set(ranks[0]["train"]) & set(ranks[1]["valid"])
    np.testing.assert_array_equal(ranks[0]["alphas"], ranks[1]["alphas"])
    assert (tmp_path / "genotype.json").exists()
