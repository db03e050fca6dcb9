import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from paddleslim.nas.darts.distributed import executor
from paddleslim.nas.darts.distributed.executor import (
    ONE_THREAD,
    choose_executor,
    compute_all,
    connect_executor,
    make_executor,
)
from paddleslim.nas.darts.training.signals import caught_signals
from tests.nas.darts.distributed.killing import wait_for

distributed = pytest.importorskip("distributed")
ROOT = pathlib.Path(__file__).parents[4]


def note_and_wait(folder, number):
    """Leave the number of this process in the folder, then wait for the end of the test."""
    (folder / str(number)).write_text(str(os.getpid()))
    time.sleep(120)


def interrupted(folder, number):
    """End as a search does that was interrupted by a signal, when another one is running that saves at its own."""
    if number == 0:
        with caught_signals(lambda sentence: None) as caught:
            (folder / "0").touch()
            wait_for(lambda: caught, 120)
            time.sleep(0.3)  # the rest of a step; the pool would notice the end of another process at once
            (folder / "saved").touch()
            raise SystemExit(143)
    wait_for((folder / "0").exists)
    (folder / str(number)).touch()
    raise SystemExit(143)


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


PROGRAM = """
import pathlib, sys
from paddleslim.nas.darts.distributed.executor import compute_all, make_executor
from tests.nas.darts.distributed.test_executor import note_and_wait

if __name__ == "__main__":
    with make_executor(2) as executor:
        list(compute_all(executor, note_and_wait, {n: (pathlib.Path(sys.argv[1]), n) for n in range(4)}))
"""


@pytest.mark.skipif(not pathlib.Path("/proc").is_dir(), reason="processes are looked up in /proc")
def test_workers_end_with_the_process_that_started_them(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM)
    numbers = tmp_path / "numbers"
    numbers.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, tmp_path / "program.py", numbers], env=environment) as parent:
        wait_for(lambda: len(list(numbers.iterdir())) == 2 and all(p.read_text() for p in numbers.iterdir()))
        pids = [int(path.read_text()) for path in numbers.iterdir()]
        assert len(pids) == 2
        assert all(map(is_running, pids))
        parent.kill()
    wait_for(lambda: not any(map(is_running, pids)), 20)
    assert not any(map(is_running, pids))
    assert len(list(numbers.iterdir())) == 2  # none has begun what was next


def test_a_run_that_a_signal_ends_is_the_last_of_its_worker_and_what_runs_beside_it_saves_itself(tmp_path, monkeypatch):
    for name in ONE_THREAD:
        monkeypatch.setenv(name, "1")  # and after the test what it was
    stopped = pytest.raises(RuntimeError, match="a worker was stopped by a signal; start again to resume")
    with make_executor(2) as workers, stopped:
        list(compute_all(workers, interrupted, {number: (tmp_path, number) for number in range(4)}))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1", "saved"]


def test_a_run_that_a_ctrl_c_ends_after_a_long_step_gets_no_second_signal(monkeypatch):
    sent: list = []
    monkeypatch.setattr(executor, "COMPUTING", [interrupted])
    monkeypatch.setattr(os, "kill", lambda *call: sent.append(call))
    with caught_signals(lambda sentence: None):
        executor.stop_worker(executor.STOP, None)
        assert sent == [(os.getpid(), signal.SIGTERM)]
        signal.raise_signal(signal.SIGINT)
        executor.stop_worker(executor.STOP, None)
    assert len(sent) == 1


def terminated(folder, number):
    """Compute until a signal ends it; the first of these sends one to the process that waits for it."""
    with caught_signals(lambda sentence: None) as caught:
        (folder / str(number)).touch()
        wait_for(lambda: len(list(folder.iterdir())) == 2, 120)
        if number == 0:
            os.kill(os.getppid(), signal.SIGTERM)
        wait_for(lambda: caught, 120)
        (folder / f"saved {number}").touch()
        raise SystemExit(143)


def test_a_sigterm_to_the_process_that_waits_lets_its_workers_save(tmp_path, monkeypatch):
    for name in ONE_THREAD:
        monkeypatch.setenv(name, "1")  # and after the test what it was
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(SystemExit, match="143"), choose_executor(2) as workers:
        list(compute_all(workers, terminated, {number: (tmp_path, number) for number in range(2)}))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1", "saved 0", "saved 1"]
    assert signal.getsignal(signal.SIGTERM) == before


def test_processes_and_a_cluster_are_not_used_at_once():
    with pytest.raises(ValueError, match="workers are processes on this machine; leave them out"):
        choose_executor(2, "tcp://127.0.0.1:9")


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
