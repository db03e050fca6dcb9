"""Many searches and retrainings on the workers of an executor."""

import json

import pytest
import rich.console

from paddleslim.nas.darts.commands.run_search import run_search
from paddleslim.nas.darts.commands.search import search
from paddleslim.nas.darts.commands.seeds import run_seeds
from paddleslim.nas.darts.distributed.executor import connect_executor
from tests.nas.darts.distributed.killing import killed_in_the_middle

SMALL = "--channels 2 --layers 3 --steps 1 --limit 100 --batch-size 20 --space s2 --method darts --epochs 5".split()
OF_MANY = ("save_dir", "resume", "nproc", "seeds", "random_cells", "brief_epochs", "workers", "scheduler")


def run_two(folder, address):
    options = search.make_context("search", list(SMALL)).params
    options = {name: value for name, value in options.items() if name not in OF_MANY}
    with connect_executor(address) as executor:
        run_seeds(run_search, executor, folder, 2, 1, 5, options, rich.console.Console(quiet=True))
    return json.loads((folder / "seeds.json").read_text())["cells"]


def test_searches_and_retrainings_whose_worker_is_killed_are_resumed_by_another(tmp_path):
    distributed = pytest.importorskip("distributed")
    search_folder, retrain_folder = tmp_path / "many" / "seed-1", tmp_path / "many" / "retrain-random-0"
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        address = cluster.scheduler_address
        of_search = killed_in_the_middle(search_folder, "history.json")
        of_retraining = killed_in_the_middle(retrain_folder, "checkpoints/0004-00000000.safetensors")
        with of_search as first, of_retraining as second:
            found = run_two(tmp_path / "many", address)
        assert (first, second) == ([False], [False])
        assert found == run_two(tmp_path / "undisturbed", address)
    assert [(cell["kind"], cell["seed"]) for cell in found] == [("searched", 0), ("searched", 1), ("random", 0)]
