"""Times a step of ours against PyTorch's, taking turns step by step, so that both see the same machine.

    python benchmarks/compare.py --peer-python /path/to/python-with-torch --peer ../shared/peers/torch_darts.py
    python benchmarks/compare.py --work retrain --peer-python /path/to/python-with-torch

The work is a step of a search of DARTS or NAS-Bench-201, also of a supernet that was written edge by edge, in fluid or
in `paddle.nn`; a step of a retraining; or a prediction. Runs ours, the peer channels-last and the peer eager, each in a
process of its own, and prints for each the seconds of a step (median of the later half), their ratio to ours, and the
peak of the resident memory; before and after that the load of the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
from typing import NamedTuple

HERE = pathlib.Path(__file__).parent


class Runner:
    """A program that makes a step for every line it is sent."""

    def __init__(self, name, command):
        self.name, self.seconds = name, []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def step(self):
        """Let the program make one step."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.seconds.append(float(self._read()))

    def end(self):
        """Return what the program prints last, its results."""
        found = json.loads(self._read())
        self.process.wait()
        return found

    def _read(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended early, with code {self.process.wait()}")
        return line


class Work(NamedTuple):
    """A piece of work: its peer's script, batch, channels, layers, and further options of the peer."""

    peer: pathlib.Path
    batch: int
    channels: int
    layers: int
    options: tuple[str, ...] = ()


PEERS = HERE.parent.parent / "shared" / "peers"
WORK = {
    "search": Work(PEERS / "torch_darts.py", 16, 16, 8),
    "retrain": Work(PEERS / "torch_retrain.py", 32, 36, 20),
    "predict": Work(PEERS / "torch_retrain.py", 32, 36, 20, ("--predict",)),
    "nas-bench-201": Work(HERE / "torch_nas_bench_201.py", 16, 16, 5),
    "edge-by-edge": Work(PEERS / "torch_darts.py", 16, 16, 8),
    "edge-by-edge-nn": Work(PEERS / "torch_darts.py", 16, 16, 8),
}


AS_WRITTEN = "ours, not compiled"


def commands(args):
    """Return the command of each program by its name."""
    sizes = ["--batch", args.batch, "--channels", args.channels, "--layers", args.layers, "--steps", args.steps]
    sizes = [str(word) for word in sizes] + ["--second-order"] * args.second_order
    peer = [args.peer_python, str(HERE / "peer_in_turns.py"), args.peer, *sizes, *WORK[args.work].options]
    ours = [sys.executable, str(HERE / "ours.py"), "--in-turns", "--work", args.work, *sizes]
    found = {"ours": ours, "torch channels-last": [*peer, "--channels-last"]}
    if not args.no_eager:
        found["torch eager"] = peer
    if args.work.startswith("edge-by-edge") and not args.no_eager:
        found[AS_WRITTEN] = [*ours, "--compile", "off"]
    if args.second_order:
        found["ours, first order"] = [word for word in ours if word != "--second-order"]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer-python", required=True, help="a Python that has torch")
    parser.add_argument("--work", choices=WORK, default="search")
    parser.add_argument("--peer", help="its script; default: that of the work")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--no-eager", action="store_true", help="leave out the peer in its own layout")
    parser.add_argument("--second-order", action="store_true")
    for size in ("batch", "channels", "layers"):
        parser.add_argument(f"--{size}", type=int, help="default: that of the work")
    args = parser.parse_args()
    for name, default in WORK[args.work]._asdict().items():
        if getattr(args, name, "") is None:
            setattr(args, name, str(default) if name == "peer" else default)
    print_load()
    runners = [Runner(name, command) for name, command in commands(args).items()]
    for _ in range(args.steps):
        for runner in runners:
            runner.step()
    results = {runner.name: runner.end() for runner in runners}
    medians = {r.name: statistics.median(r.seconds[args.steps // 2 :]) for r in runners}
    print(f"{'':22}{'seconds':>9}{'fastest':>9}{'ours/it':>9}{'memory MiB':>11}{'ours/it':>9}")
    for runner in runners:
        memory = results[runner.name]["peak_rss_mb"]
        print(
            f"{runner.name:22}{medians[runner.name]:9.3f}{min(runner.seconds):9.3f}"
            f"{medians['ours'] / medians[runner.name]:9.2f}{memory:11}"
            f"{results['ours']['peak_rss_mb'] / memory:9.2f}"
        )
    if AS_WRITTEN in medians:
        first = next(runner.seconds[0] for runner in runners if runner.name == "ours")
        cost = (first - medians["ours"]) / (medians[AS_WRITTEN] - medians["ours"])
        print(f"the first step took {first:.1f} s; compiling is paid back in {cost:.1f} steps")
    print_load()


def print_load():
    """Print how many processes wanted a core, on average, where the system knows."""
    if hasattr(os, "getloadavg"):
        print("load", " ".join(f"{load:.2f}" for load in os.getloadavg()))


if __name__ == "__main__":
    main()
