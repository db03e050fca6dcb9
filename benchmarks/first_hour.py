"""What the commands of README and quick start take: seconds, processor seconds and memory of each, one after the other.

python benchmarks/first_hour.py
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).parents[1]
STEPS = {
    "data": "data digits --sheet sheet.html",
    "search": "search --save-dir found",
    "retrain": "retrain found --save-dir trained",
    "evaluate": "evaluate trained",
    "export": "export trained --output model",
    "predict": "predict model digits.npy",
    "compare": "compare found trained",
}
PREDICTED = (
    "import numpy, sklearn.datasets as d; numpy.save('digits.npy', d.load_digits().images[:100, None].astype('f4'))"
)


def main():
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    print(f"{'command':<10} {'seconds':>8} {'processor':>10} {'MB':>6}")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-c", PREDICTED], cwd=folder, check=True)
        for name, line in STEPS.items():
            start = time.perf_counter()
            command = [sys.executable, "-m", "paddleslim.nas.darts", *line.split(), "--json"]
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            _, status, used = os.wait4(process.pid, 0)
            if status:
                sys.exit(f"`{line}` failed")
            seconds, processor = time.perf_counter() - start, used.ru_utime + used.ru_stime
            print(f"{name:<10} {seconds:>8.1f} {processor:>10.1f} {used.ru_maxrss / 1000:>6.0f}", flush=True)


if __name__ == "__main__":
    main()
