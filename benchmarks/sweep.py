"""Times a search step against batch size, channels and layers, each varied alone, and shows what it costs in memory.

    python benchmarks/sweep.py [--second-order] [--recompute] [--steps 6]

Every row is a process of its own, so that its peak of the resident memory is its own.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import subprocess
import sys

BASE = {"batch": 16, "channels": 16, "layers": 8}
VALUES = {"batch": (4, 16, 64), "channels": (8, 16, 32), "layers": (5, 8, 11)}


def measure(sizes, options):
    """Return seconds per step and peak of the resident memory in MB."""
    command = [sys.executable, str(pathlib.Path(__file__).with_name("ours.py")), *options]
    for name, value in sizes.items():
        command += [f"--{name}", str(value)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = json.loads(printed.splitlines()[-1])
    return found["seconds_per_step"], found["peak_rss_mb"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--second-order", action="store_true")
    parser.add_argument("--recompute", action="store_true")
    parser.add_argument("--steps", type=int, default=6)
    args = parser.parse_args()
    options = ["--steps", str(args.steps)]
    options += ["--second-order"] * args.second_order + ["--recompute"] * args.recompute
    print(f"{'batch':>6}{'channels':>10}{'layers':>8}{'seconds':>10}{'ms/image':>10}{'memory MiB':>11}")
    done = set()
    for name, values in VALUES.items():
        for value in values:
            sizes = {**BASE, name: value}
            if tuple(sizes.values()) in done:
                continue
            done.add(tuple(sizes.values()))
            seconds, memory = measure(sizes, options)
            batch, channels, layers = sizes.values()
            print(
                f"{batch:6}{channels:10}{layers:8}{seconds:10.3f}{1e3 * seconds / batch:10.1f}{memory:11}", flush=True
            )


if __name__ == "__main__":
    main()
