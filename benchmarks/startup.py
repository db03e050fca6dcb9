"""Processor seconds until something happens: help, completion and a mistake of the command line; the first step.

    python benchmarks/startup.py

Commands find their sources compiled, as after their first start, whatever PYTHONDONTWRITEBYTECODE says.
The first step of a DARTS supernet, batch 2, less an ordinary one: cold compiles the kernels of a fresh copy of the
package, warm finds them there. Both prepare the programs of the cells, and import numba.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

PACKAGE = pathlib.Path(__file__).parents[1] / "paddleslim"
COMMANDS = {
    "search --help": {},
    "retrain DARTS_V3 (a mistake)": {},
    "completion of 'search --'": {
        "_PADDLESLIM_DARTS_COMPLETE": "bash_complete",
        "COMP_WORDS": "paddleslim-darts search --",
        "COMP_CWORD": "2",
    },
}
FIRST_STEP = """
import time
import paddleslim, paddle
from paddleslim.nas.darts.search_space import DARTSSupernet
model = DARTSSupernet(16, layers=8)
image, label = paddle.randn([2, 3, 32, 32]), paddle.zeros([2, 1], "int64")
seconds = []
for _ in range(3):
    start = time.process_time()
    model._loss(image, label).backward()
    seconds.append(time.process_time() - start)
print(seconds[0] - min(seconds[1:]))
"""


def processor_seconds(command, environment):
    """Return the processor seconds of a process, the least of four."""
    environment = {**os.environ, **environment}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    found = []
    for _ in range(4):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(found)


def first_step(folder):
    """Return the processor seconds of the first step less those of an ordinary one, of the package in a folder."""
    environment = {**os.environ, "PYTHONPATH": folder, "NUMBA_CACHE_DIR": folder, "XDG_CACHE_HOME": folder}
    done = subprocess.run(
        [sys.executable, "-c", FIRST_STEP], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return float(done.stdout.split()[-1])


def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    with tempfile.TemporaryDirectory() as compiled:
        for name, environment in COMMANDS.items():
            words = [] if environment else name.split(" (")[0].split()
            command = [sys.executable, "-m", "paddleslim.nas.darts", *words]
            if environment:  # the name of the program decides which variable asks for a completion
                code = "from paddleslim.nas.darts.__main__ import main; main(prog_name='paddleslim-darts')"
                command = [sys.executable, "-c", code]
            seconds = processor_seconds(command, {"PYTHONPYCACHEPREFIX": compiled, **environment})
            print(f"{seconds:9.2f} s  {name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:  # where no kernel is beside the sources, either
        shutil.copytree(PACKAGE, os.path.join(folder, PACKAGE.name), ignore=shutil.ignore_patterns("__pycache__"))
        print(f"{first_step(folder):9.2f} s  first step, cold", flush=True)
        print(f"{min(first_step(folder) for _ in range(3)):9.2f} s  first step, warm", flush=True)


if __name__ == "__main__":
    main()
