import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[3]


def test_killed_runs_end_as_those_that_were_not():
    """A short form of the harness, which kills within steps, within checkpoints and between epochs."""
    harness = str(ROOT / "benchmarks" / "kill_and_resume.py")
    command = [sys.executable, harness, "--kills", "1", "--run", "workers", "--run", "retraining on two ranks"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"1 kills, 1 of 1 endings identical; 0 of \d+ checkpoints unreadable", done.stdout)) == 2
