import json
import os
import subprocess
import sys
import time

import pytest

from paddleslim.nas.darts import Callback
from paddleslim.nas.darts.state import run_lock
from paddleslim.nas.darts.state.run_lock import FolderInUseError, find_holder, is_alive, locked, reserved
from paddleslim.nas.darts.truth import generate
from tests.searches import make_search, summarize

HOLD = """
import sys, time
from paddleslim.nas.darts.state.run_lock import locked
with locked(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), print):
    print("held", flush=True)
    time.sleep(60)
"""


def lock(folder, rank=0, ranks=1):
    return locked(folder, rank, ranks, pytest.fail)


@pytest.fixture
def hold():
    """Return a function that lets another process hold a folder."""
    started = []

    def start(folder, rank=0, ranks=1):
        command = [sys.executable, "-c", HOLD, str(folder), str(rank), str(ranks)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert started[-1].stdout.readline() == "held\n"
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_folder_is_held_by_one_process_until_it_is_killed(hold, tmp_path):
    other = hold(tmp_path)
    with pytest.raises(FolderInUseError, match=f"in use by process {other.pid} on .*, since .*choose another folder"):
        lock(tmp_path).__enter__()
    other.kill()  # not waited for: a zombie holds nothing
    with lock(tmp_path):
        pass


def test_a_rank_that_outlives_the_others_holds_the_folder(hold, tmp_path):
    other = hold(tmp_path, rank=1, ranks=2)
    for ranks in (1, 2):
        rank = ranks - 1
        with pytest.raises(FolderInUseError, match=f"process {other.pid}, rank 1 of 2, on"):
            lock(tmp_path, rank, ranks).__enter__()
    other.kill()
    with lock(tmp_path), lock(tmp_path, 1, 2):
        pass


def test_a_forked_process_does_not_keep_the_folder(tmp_path):
    with lock(tmp_path):
        child = os.fork()
        if child == 0:
            time.sleep(60)
            os._exit(0)
    try:
        with lock(tmp_path):
            pass
    finally:
        os.kill(child, 9)
        os.waitpid(child, 0)


@pytest.mark.parametrize("content", ["", "[", "[]", '{"process": "x"}', "[" * 100000])
def test_a_damaged_lock_file_holds_nobody_up(content, tmp_path):
    (tmp_path / ".run.lock").write_text(content)
    with lock(tmp_path):
        assert json.loads((tmp_path / ".run.lock").read_text())["process"] == os.getpid()


def test_a_lock_leaves_no_file_and_one_who_waited_for_it_does_not_hold_a_removed_file(tmp_path):
    path = tmp_path / ".run.lock"
    with run_lock.open_here_alone(path) as late:
        with lock(tmp_path):
            assert path.exists()
        assert not path.exists()
        with lock(tmp_path):
            assert not run_lock.is_at(path, late)


def test_a_file_system_without_locks_gets_a_warning(monkeypatch, tmp_path):
    def refuse(*_):
        raise OSError(run_lock.errno.ENOLCK, "No locks available")

    monkeypatch.setattr(run_lock.fcntl, "flock", refuse)
    said = []
    with locked(tmp_path, 0, 1, said.append):
        assert "without locks" in said[0]


def test_processes_that_are_gone_are_known():
    ended = subprocess.Popen([sys.executable, "-c", ""])
    while is_alive(ended.pid):  # then it is a zombie
        time.sleep(0.01)
    ended.wait()
    assert not is_alive(ended.pid)
    assert is_alive(os.getpid())


def test_a_second_search_in_the_folder_of_a_running_one_is_refused_and_harms_nothing(tmp_path):
    class Intruder(Callback):
        def on_epoch_end(self, search, report):
            for resume in (False, True):
                with pytest.raises(FolderInUseError, match=f"in use by process {os.getpid()} on"):
                    make_search(tmp_path / "shared").train(resume)

    alone = make_search(tmp_path / "alone")
    alone.train()
    shared = make_search(tmp_path / "shared", callbacks=[Intruder()])
    shared.train()
    assert summarize(shared) == summarize(alone)
    again = make_search(tmp_path / "shared")
    again.train(resume=True)
    assert summarize(again) == summarize(alone)


def test_a_reserved_folder_is_held_before_and_after_the_runs_of_its_own_process(hold, tmp_path):
    attempt = [sys.executable, "-c", HOLD, str(tmp_path), "0", "1"]
    with reserved(tmp_path):
        for _ in range(2):
            with lock(tmp_path), pytest.raises(FolderInUseError):  # one run at a time
                lock(tmp_path).__enter__()
        ended = subprocess.run(attempt, capture_output=True, text=True, check=False)
        assert f"in use by process {os.getpid()}" in ended.stderr
        assert find_holder(tmp_path).startswith(f"process {os.getpid()} on")
    assert find_holder(tmp_path) is None
    with lock(tmp_path):
        pass
    other = hold(tmp_path)
    with pytest.raises(FolderInUseError, match=f"process {other.pid}"):
        reserved(tmp_path).__enter__()


def test_a_table_of_the_truth_is_generated_once_at_a_time(tmp_path, hold, capsys):
    hold(tmp_path)
    with pytest.raises(SystemExit):
        generate.main(["--folder", str(tmp_path)])
    assert "this folder is in use by process" in capsys.readouterr().err
