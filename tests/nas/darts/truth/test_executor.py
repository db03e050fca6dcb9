import os
import signal
import threading
import time

import pytest

from paddleslim.nas.darts.truth.executor import connect_executor
from paddleslim.nas.darts.truth.protocol import load_images
from paddleslim.nas.darts.truth.searches import search_all, search_cell

distributed = pytest.importorskip("distributed")


def kill_in_the_middle(folder, address, killed):
    """Kill the worker that searches in `folder` as soon as an epoch is saved."""
    with distributed.Client(address) as client:
        pids, deadline = client.run(os.getpid), time.monotonic() + 120
        while not any(folder.glob("checkpoints/*")) and time.monotonic() < deadline:
            time.sleep(0.01)
        (worker,) = [worker for worker, tasks in client.processing().items() if tasks]
        os.kill(pids[worker], signal.SIGKILL)
        killed.append((folder / "result.json").exists())


def test_a_search_whose_worker_is_killed_is_resumed_by_another(tmp_path, fashion, brief):
    folder, epochs, killed = tmp_path / "judged", 30, []
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        killer = threading.Thread(
            target=kill_in_the_middle, args=(folder / "darts-0", cluster.scheduler_address, killed)
        )
        killer.start()
        with connect_executor(cluster.scheduler_address) as executor:
            found = search_all(folder, executor, {"darts": {}}, [0], epochs, fashion, brief, str)
        killer.join()
    assert killed == [False]  # in the middle of it
    (result,) = found["darts"]
    assert result["resumed"]
    undisturbed = search_cell(tmp_path / "alone", load_images(fashion, brief), "darts", 0, epochs, {}, brief)
    assert result["genotype"] == undisturbed["genotype"]
    assert result["weights"] == undisturbed["weights"]


def test_workers_with_several_threads_are_refused():
    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None)
    refused = pytest.raises(ValueError, match="several threads; start workers with `--nthreads 1`")
    with cluster, refused, connect_executor(cluster.scheduler_address):
        pass


def test_a_scheduler_that_is_not_there_is_one_sentence():
    refused = pytest.raises(OSError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:9; start one with")
    with refused, connect_executor("tcp://127.0.0.1:9", timeout=1):
        pass


def test_a_scheduler_without_workers_is_one_sentence():
    cluster = distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=None)
    refused = pytest.raises(OSError, match="has no worker; start one with `dask worker")
    with cluster, refused, connect_executor(cluster.scheduler_address, timeout=1):
        pass
