"""Kill runs with SIGKILL at random moments, resume them, and compare how they end: `kill_and_resume.py --kills 50`.

A run is a search or a retraining of `runs_to_kill.py`, in one process or two. It is killed after a random time (within
a step, within the writing of a checkpoint or between epochs), every checkpoint it left is read, and it is started again
with resume. Every ending, all parameters, buffers, optimizers, random states, losses and genotypes of all ranks, must
be bit-for-bit that of a run nobody killed. With `--log` each run adds a line to a file, and what is there already is
not done again.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import hashlib
import json
import logging
import multiprocessing
import os
import pathlib
import random
import shutil
import signal
import socket
import tempfile
import time
import warnings

import numpy as np
import paddle
from runs_to_kill import RUNS

from paddleslim.nas.darts import Callback
from paddleslim.nas.darts.state.checkpoint import read_checkpoint
from paddleslim.nas.darts.state.components import pack

STAGES = ("starting", "in a step", "in a checkpoint", "between epochs")
AIMS = (None, "in a checkpoint", "between epochs")  # most of the time goes into steps
LAST_MOMENT = 0.004  # seconds, of the random time within the stage that was aimed at


class NoteStage(Callback):
    """Write the stage of the run to a number in shared memory, so that the killer can count what it hit."""

    def __init__(self, stage):
        self.stage = stage

    def on_search_begin(self, search):
        save = search.checkpoints.folder.save

        def save_and_note(*arguments):
            before, self.stage.value = self.stage.value, STAGES.index("in a checkpoint")
            found = save(*arguments)
            self.stage.value = before
            return found

        search.checkpoints.folder.save = save_and_note

    def on_epoch_begin(self, search, epoch):
        self.stage.value = STAGES.index("in a step")

    def on_epoch_end(self, search, report):
        self.stage.value = STAGES.index("between epochs")


def run_rank(name, folder, resume, rank, port, stage, pipe):
    """Be one rank of a run in this process, and send a digest of how it ended."""
    count, prepare = RUNS[name]
    if count > 1:
        endpoints = [f"127.0.0.1:{port + k}" for k in range(count)]
        os.environ.update(
            PADDLE_TRAINER_ID=str(rank),
            PADDLE_TRAINERS_NUM=str(count),
            PADDLE_TRAINER_ENDPOINTS=",".join(endpoints),
            PADDLE_CURRENT_ENDPOINT=endpoints[rank],
            PADDLE_MASTER=f"127.0.0.1:{port + count}",
            PADDLE_DISTRI_BACKEND="gloo",
        )
    logging.disable()
    warnings.simplefilter("ignore")
    paddle.seed(7)
    np.random.seed(7)
    random.seed(7)
    loop = prepare(folder, [NoteStage(stage)] if rank == 0 else [])
    loop.train(resume=resume)
    pipe.send(digest(loop))


def digest(loop):
    """Return one text for everything a checkpoint of the ended run would hold, and its history."""
    content = pack({name: component.get_state() for name, component in loop.components().items()})
    total = hashlib.sha256(json.dumps(content.record, sort_keys=True, default=str).encode())
    for name, array in sorted(content.arrays.items()):
        total.update(name.encode() + array.tobytes())
    for report in loop.history:
        total.update(repr(report).encode())
    return total.hexdigest()


class Started:
    """A run in processes of its own: `stage` is where its first rank is."""

    def __init__(self, name, folder, resume):
        fork = multiprocessing.get_context("fork")
        self.stage = fork.Value("i", 0, lock=False)
        self.processes, self.answers = [], []
        port = free_port()
        for rank in range(RUNS[name][0]):
            receiver, sender = fork.Pipe(duplex=False)
            process = fork.Process(target=run_rank, args=(name, folder, resume, rank, port, self.stage, sender))
            process.start()
            sender.close()
            self.processes.append(process)
            self.answers.append(receiver)

    def wait(self):
        """Return the digests of all ranks at the end of the run."""
        endings = []
        for answer, process in zip(self.answers, self.processes):
            with contextlib.suppress(EOFError):
                endings.append(answer.recv())
            process.join()
            if process.exitcode:
                raise RuntimeError(f"a run failed with exit code {process.exitcode}")
        return " ".join(endings)

    def kill(self, seconds, aim, moments):
        """Kill all ranks after so many seconds; return the stage they were in, or None if they had ended.

        Args:
            seconds: until then.
            aim: one of `STAGES` to wait for afterwards; None kills wherever the run is.
            moments: random numbers.
        """
        first = self.processes[0]
        first.join(seconds)
        while aim is not None and first.is_alive() and STAGES[self.stage.value] != aim:
            time.sleep(1e-4)
        if aim is not None:
            time.sleep(moments.uniform(0, LAST_MOMENT))
        if not first.is_alive() or self.answers[0].poll():
            return None
        stage = STAGES[self.stage.value]
        for process in moments.sample(self.processes, len(self.processes)):
            os.kill(process.pid, signal.SIGKILL)
            time.sleep(moments.uniform(0, LAST_MOMENT))
        for process in self.processes:
            process.join()
        return stage


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return min(found.getsockname()[1], 65000)


def count_unreadable(folder):
    """Return how many checkpoints of all ranks in the folder cannot be read, and how many there are."""
    paths = list(pathlib.Path(folder).glob("checkpoints*/*.safetensors"))
    unreadable = 0
    for path in paths:
        try:
            read_checkpoint(path)
        except (ValueError, OSError):
            unreadable += 1
    return unreadable, len(paths)


def kill_and_resume(name, folder, kills, seconds, seed):
    """Kill a run so many times, resume it each time, and let it end; return what happened.

    Args:
        seconds: that a run takes which nobody kills.
        seed: of the moments.
    """
    moments = random.Random(seed)
    stages, unreadable, found = [], 0, 0
    while True:
        started = Started(name, folder, resume=bool(stages))
        stage = None
        if len(stages) < kills:
            stage = started.kill(moments.uniform(0, 2 * seconds / (kills + 1)), moments.choice(AIMS), moments)
        if stage is None:
            return {"stages": stages, "unreadable": unreadable, "found": found, "ending": started.wait()}
        stages.append(stage)
        bad, present = count_unreadable(folder)
        unreadable, found = unreadable + bad, found + present


def study(name, kills, at_once, seed, log):
    """Kill runs of a name until there are so many kills; return the results, those in the log included."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="kill-and-resume-"))
    results = [] if log is None or not log.exists() else [json.loads(line) for line in log.read_text().splitlines()]
    results = [result for result in results if result["run"] == name and result["seed"] == seed]
    expected = Started(name, folder / "first", False).wait()  # it compiles the kernels, too
    begun = time.monotonic()
    if Started(name, folder / "second", False).wait() != expected:
        raise RuntimeError(f"two runs of {name} that nobody kills end differently")
    seconds = time.monotonic() - begun
    print(f"{name}: a run nobody kills takes {seconds:.1f} s and ends as {expected[:16]}", flush=True)
    number = len(results)
    while sum(len(result["stages"]) for result in results) < kills:
        result = kill_and_resume(name, folder / "killed", at_once, seconds, f"{seed} {name} {number}")
        shutil.rmtree(folder / "killed")
        number += 1
        result = {"run": name, "seed": seed, **result, "same": result["ending"] == expected}
        results.append(result)
        print(
            f"{name}: killed {', '.join(result['stages'])}; {'same' if result['same'] else 'OTHER'} ending", flush=True
        )
        if log is not None:
            with log.open("a") as lines:
                lines.write(json.dumps(result) + "\n")
    shutil.rmtree(folder)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50, help="how often runs of each name are killed and resumed")
    parser.add_argument("--at-once", type=int, default=1, help="how often one run is killed before it may end")
    parser.add_argument("--run", action="append", choices=list(RUNS), help="what to kill; all without it")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--log", type=pathlib.Path, help="a file of JSON lines that results are added to")
    options = parser.parse_args()
    hit: collections.Counter = collections.Counter()
    failed = False
    for name in options.run or RUNS:
        results = [r for r in study(name, options.kills, options.at_once, options.seed, options.log) if r["stages"]]
        same, unreadable = sum(result["same"] for result in results), sum(result["unreadable"] for result in results)
        kills, found = sum(len(result["stages"]) for result in results), sum(result["found"] for result in results)
        failed = failed or same < len(results) or unreadable > 0
        hit.update(stage for result in results for stage in result["stages"])
        print(
            f"{name}: {kills} kills, {same} of {len(results)} endings identical; {unreadable} of {found} checkpoints "
            "unreadable",
            flush=True,
        )
    print("killed " + ", ".join(f"{stage}: {hit[stage]}" for stage in STAGES))
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
