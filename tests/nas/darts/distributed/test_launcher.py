"""Ranks whose launcher is killed."""

import os
import signal
import time

import pytest

from paddleslim.nas.darts.state.run_lock import FolderInUseError, is_alive, locked
from tests.nas.darts.distributed.test_ranks import launch
from tests.nas.darts.distributed.test_resume import ARGUMENTS, SCRIPT, list_checkpoints


def test_ranks_whose_launcher_was_killed_hold_the_folder_and_save_and_end(tmp_path):
    arguments = {**ARGUMENTS, "num_epochs": 100000}
    launcher = launch(tmp_path, 2, script=SCRIPT, wait=False, arguments=arguments, resume=False)
    pids = []
    try:
        deadline = time.monotonic() + 60
        while len(list(tmp_path.glob("pid?"))) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        pids = [int((tmp_path / f"pid{rank}").read_text()) for rank in (0, 1)]
        for pid in pids:  # else they might end before the folder is asked for
            os.kill(pid, signal.SIGSTOP)
        launcher.kill()
        with pytest.raises(FolderInUseError, match=f"process {pids[0]}, rank 0 of 2"):
            locked(tmp_path / "run", 0, 1, pytest.fail).__enter__()
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        while any(map(is_alive, pids)):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        first, second = list_checkpoints(tmp_path)
        assert first == second
        # whichever rank sees it first says so, and all ranks end after the same step
        logs = [(tmp_path / "log" / f"workerlog.{rank}").read_text() for rank in (0, 1)]
        assert any("the launcher of this rank has ended" in log for log in logs)
    finally:
        for pid in pids:
            if is_alive(pid):
                os.kill(pid, signal.SIGKILL)
        launcher.kill()
        launcher.communicate()
