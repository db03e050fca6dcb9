"""How far `--estimate` is off: the command is estimated, then run, and the ratios of time and memory are printed.

python benchmarks/estimate.py [--repeats 2] [--epochs 3]
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parents[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--epochs", type=int, help="of each run; the default of the command if absent")
    options = parser.parse_args()
    epochs = [] if options.epochs is None else ["--epochs", str(options.epochs)]
    print(f"{'command':<8} {'estimated s':>11} {'took s':>8} {'ratio':>6} {'estimated MB':>12} {'MB':>6} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.repeats):
            for words in (["search"], ["retrain", f"search-{number}"]):
                command = [sys.executable, "-m", "paddleslim.nas.darts", *words, *epochs, "--json", "--quiet"]
                found = json.loads(run([*command, "--estimate"], folder)[0])
                _, seconds, held = run([*command, "--save-dir", f"{words[0]}-{number}"], folder)
                guessed, memory = found["seconds"], found["peak_memory_mb"]
                row = f"{words[0]:<8} {guessed:>11.1f} {seconds:>8.1f} {guessed / seconds:>6.2f}"
                print(f"{row} {memory:>12} {held:>6.0f} {memory / held:>6.2f}", flush=True)


def run(command, folder):
    """Return what a command prints, the seconds it takes and the most memory it holds, in MB; end if it fails."""
    start, environment = time.perf_counter(), {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out)
        _, status, used = os.wait4(process.pid, 0)
        if status:
            sys.exit(f"`{' '.join(command)}` failed")
        out.seek(0)
        unit = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, kilobytes on Linux
        return out.read().decode(), time.perf_counter() - start, used.ru_maxrss * unit / 1e6


if __name__ == "__main__":
    main()
