"""Run a command in several processes that share one search, through Paddle's launcher."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import time

import click

from ..distributed.launcher import STARTED_BY
from ..distributed.termination import ended_by_signals

__all__ = ["is_first_rank", "is_rank", "launch", "share_arguments"]

PACKAGE_ROOT = pathlib.Path(__file__).parents[4]
STOPPED = "Stopped, and saved."  # what a process says last that a signal has ended
OF_PADDLE = "`Termination signal`", "Error Message Summary:"  # in its words at the end of a process


def is_rank():
    """Whether this process is one of several that a launcher started."""
    return int(os.environ.get("PADDLE_TRAINERS_NUM", 1)) > 1


def is_first_rank():
    """Whether this process writes and prints: the only one, or the first of several."""
    return int(os.environ.get("PADDLE_TRAINER_ID", 0)) == 0


def share_arguments(arguments, save_dir, out):
    """Return the arguments of each of several processes that share the run of a command line.

    An option given twice takes its last value. Where JSON is asked for, this process prints it alone.
    """
    shared = [*arguments, "--nproc", "1", "--data-parallel", "--save-dir", str(save_dir)]
    return [*shared, "--quiet"] if out.as_json else shared


def launch(processes, arguments, logs):
    """Run `paddleslim-darts` with these arguments in so many processes, showing what the first one prints.

    Args:
        processes: how many, at least 2.
        arguments: of the command line, from the command's name on; they include `--data-parallel`.
        logs: a folder for what each process prints, `workerlog.<rank>`, and for what the launcher says.

    Raises:
        click.ClickException: a process failed; the message is the reason of the one that failed first.
    """
    logs.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "paddle.distributed.launch", "--nproc_per_node", str(processes)]
    command += ["--max_restart", "0", "--log_dir", str(logs), str(pathlib.Path(__file__).with_name("rank.py"))]
    path = os.pathsep.join(filter(None, [str(PACKAGE_ROOT), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path, STARTED_BY: str(os.getpid())}
    with open(logs / "launcher.log", "w", encoding="utf-8") as log, ended_by_signals():
        launcher = subprocess.Popen(
            [*command, *arguments], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            show(logs / "workerlog.0", launcher)
        finally:
            launcher.terminate()
            launcher.wait()
    if launcher.returncode:
        raise click.ClickException(f"{find_reason(logs)}; what each process printed is in {logs}")


def show(log, process):
    """Print the lines of a growing log until the process ends, but for those of Paddle's own runtime."""
    position, running = 0, True
    while running:
        running = process.poll() is None  # looked at before reading, so that the last lines are shown
        time.sleep(0.2 if running else 0)
        if not log.exists():
            continue
        with open(log, encoding="utf-8", errors="replace") as stream:
            stream.seek(position)
            for line in iter(stream.readline, ""):
                if not line.endswith("\n") and running:
                    break
                position = stream.tell()
                if not is_noise(line):
                    click.echo(line, nl=False)


def is_noise(line):
    """Whether a line is of Paddle's runtime: its glog lines, such as 'I1123 12:43:14', and its flags."""
    head = line.split(" ", 1)[0]
    glog = len(head) == 5 and head[0] in "IWE" and head[1:].isdigit()
    return glog or line.startswith(("=====", "FLAGS("))


def find_reason(logs):
    """Return why the first process failed: what it left for the others, or the end of its log."""
    reasons = sorted(logs.parent.glob("failed-rank-*.txt"), key=lambda path: path.stat().st_mtime)
    if reasons:
        return reasons[0].read_text(encoding="utf-8").strip()
    for log in sorted(logs.glob("workerlog.*")):
        if STOPPED in log.read_text(encoding="utf-8", errors="replace"):
            return "a signal to one process has stopped all of them after a step, and the run is saved; add --resume"
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        # a process that the launcher ended, since another one failed, has no reason of its own
        lines = [line for line in lines if "Error" in line and not any(words in line for words in OF_PADDLE)]
        if lines:
            return f"rank {log.suffix[1:]} failed: {lines[-1].strip().removeprefix('Error: ')}"
    return "a process ended without a word, perhaps killed"
