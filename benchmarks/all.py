"""Takes the figures of README.md one after the other, each by one command, and keeps what each printed.

    python benchmarks/all.py --peer-python PYTHON [--peers FOLDER] [--only NAME ...] [--folder runs/benchmarks]

A figure that the folder holds already is not taken again, so a run may be stopped and resumed. The load of the machine
is printed before and after each; figures of a machine that does other work are worth nothing.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import platform
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
ROWS = {  # the most important first; {peer} and {peers} come from the command line
    "search": "compare.py --steps 6 {peer}",
    "retrain": "compare.py --work retrain --steps 6 --no-eager {peer}",
    "predict": "compare.py --work predict --steps 10 --no-eager {peer}",
    "nas-bench-201": "compare.py --work nas-bench-201 --steps 8 --no-eager {peer}",
    "edge-by-edge": "compare.py --work edge-by-edge --steps 6 --no-eager {peer}",
    "edge-by-edge-nn": "compare.py --work edge-by-edge-nn --steps 6 --no-eager {peer}",
    "second-order": "compare.py --second-order --steps 4 --no-eager {peer}",
    "startup": "startup.py",
    "second-order-central": "ours.py --steps 8 --second-order",
    "second-order-forward": "ours.py --steps 8 --second-order --difference forward",
    "first-order": "ours.py --steps 8",
    "profile-search": "profile_step.py --work search",
    "profile-retrain": "profile_step.py --work retrain",
    "profile-predict": "profile_step.py --work predict",
    "methods": "methods.py --steps 5",
    "overhead-darts": "loop_overhead.py --steps 24",
    "overhead-darts-2": "loop_overhead.py --steps 12 --second-order",
    "overhead-pc-darts": "loop_overhead.py --steps 24 --model pc-darts",
    "overhead-pc-darts-2": "loop_overhead.py --steps 12 --model pc-darts --second-order",
    "overhead-nas-bench-201": "loop_overhead.py --steps 24 --model nas-bench-201",
    "overhead-nas-bench-201-2": "loop_overhead.py --steps 12 --model nas-bench-201 --second-order",
    "overhead-user": "loop_overhead.py --steps 24 --model user",
    "overhead-user-2": "loop_overhead.py --steps 12 --model user --second-order",
    "sweep": "sweep.py",
    "kernels": "kernels.py",
    "differences": "differences.py --batches 9",
    "rounding": "rounding.py",
}


def describe_load():
    """Return how many processes wanted a core, on average, where the system knows."""
    return "load " + (" ".join(f"{load:.2f}" for load in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown")


def take(name, words, folder):
    """Run the command of a figure; keep and print what it prints, with the time and the load."""
    command = [sys.executable, str(HERE / words[0]), *words[1:]]
    environment = dict(os.environ)
    if name.startswith("profile"):  # the times of kernels add up in one thread alone
        environment["NUMBA_NUM_THREADS"] = "1"
    shown = " ".join(words)
    lines = [f"{name}: {shown}", f"{time.strftime('%Y-%m-%d %H:%M')}, {describe_load()}"]
    print("\n" + "\n".join(lines), flush=True)
    start = time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    lines += [done.stdout.rstrip(), f"{time.perf_counter() - start:.0f} s, {describe_load()}"]
    print("\n".join(lines[2:]), flush=True)
    if done.returncode:
        print(f"{name} failed with {done.returncode}:\n{done.stderr[-2000:]}", flush=True)
        return False
    draft = folder / f"{name}.part"
    draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
    draft.replace(folder / f"{name}.txt")
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer-python", help="a Python that has torch; without one comparisons are left out")
    parser.add_argument("--peers", type=pathlib.Path, help="folder of the peers' scripts; default: that of compare.py")
    parser.add_argument("--only", nargs="+", choices=ROWS, metavar="NAME", default=list(ROWS), help=", ".join(ROWS))
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("runs/benchmarks"))
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {describe_load()}")
    failed = []
    for name in args.only:
        words = ROWS[name].split()
        if (args.folder / f"{name}.txt").exists():
            print(f"{name} is there already")
            continue
        if words[-1] == "{peer}":
            if args.peer_python is None:
                print(f"{name} is left out: it needs --peer-python")
                continue
            words[-1:] = ["--peer-python", args.peer_python, *peer_of(words, args.peers)]
        if not take(name, words, args.folder):
            failed.append(name)
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def peer_of(words, folder):
    """Return the options that name the peer's script, if its folder is given and holds one."""
    work = words[words.index("--work") + 1] if "--work" in words else "search"
    script = "torch_retrain.py" if work in ("retrain", "predict") else "torch_darts.py"
    script = None if work == "nas-bench-201" else script
    return ["--peer", str(folder / script)] if folder and script else []


if __name__ == "__main__":
    main()
