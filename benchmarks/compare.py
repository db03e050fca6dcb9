"""Times a search step of ours against PyTorch's, taking turns step by step, so that both see the same machine.

    python benchmarks/compare.py --peer-python /path/to/python-with-torch --peer ../shared/peers/torch_darts.py

Runs our supernet, the peer channels-last and the peer eager, each in a process of its own, and prints for each the
seconds of a step (median of the later half), their ratio to ours, and the peak of the resident memory.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

from ours import add_arguments

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


def commands(args):
    """Return the command of each program by its name."""
    sizes = ["--batch", args.batch, "--channels", args.channels, "--layers", args.layers, "--steps", args.steps]
    sizes = [str(word) for word in sizes] + ["--second-order"] * args.second_order
    peer = [args.peer_python, str(HERE / "peer_in_turns.py"), args.peer, *sizes]
    ours = [sys.executable, str(HERE / "ours.py"), "--in-turns", *sizes]
    found = {"ours": ours, "torch channels-last": [*peer, "--channels-last"], "torch eager": peer}
    if args.second_order:
        found["ours, first order"] = [word for word in ours if word != "--second-order"]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer-python", required=True, help="a Python that has torch")
    parser.add_argument("--peer", default=str(HERE.parent.parent / "shared" / "peers" / "torch_darts.py"))
    parser.add_argument("--steps", type=int, default=10)
    add_arguments(parser)
    args = parser.parse_args()
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


if __name__ == "__main__":
    main()
