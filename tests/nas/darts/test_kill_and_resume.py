import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[3]


def test_killed_searches_end_as_one_that_was_not():
    """A short form of the harness, which kills within steps, within checkpoints and between epochs."""
    harness = str(ROOT / "benchmarks" / "kill_and_resume.py")
    command = [sys.executable, harness, "--kills", "3", "--order", "2", "--workers"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert re.search(r"3 of 3 endings identical; 0 of [1-9]\d* checkpoints unreadable", done.stdout)
