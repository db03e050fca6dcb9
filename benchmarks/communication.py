"""What the ranks of a search say to each other: collectives and bytes per step, first and second order.

    python benchmarks/communication.py [--channels 16] [--layers 8]

Launches two ranks over Gloo on this machine, which search the DARTS supernet for a few steps on small random
images; sizes of messages do not depend on the images. Paddle's DataParallel does not tell what it sends: its part is
the gradients of all weights, in buckets of at most 25 MB, the last of 1 MB.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np


def search(folder, channels, layers, order):
    """Search three steps in this rank; the first one writes what it counted."""
    from paddleslim.nas.darts import Callback, DARTSearch
    from paddleslim.nas.darts.search_space import DARTSSupernet
    from paddleslim.nas.darts.search_space.contract import split_parameters

    rng = np.random.default_rng(0)
    batches = [(rng.standard_normal([2, 3, 16, 16]).astype("float32"), rng.integers(0, 10, [2, 1])) for _ in range(6)]
    counts = []

    class Count(Callback):
        def on_step_end(self, search, report):
            if report.phase == "Train":
                counts.append((search.ranks.collectives, search.ranks.bytes))

    model = DARTSSupernet(channels, layers=layers)
    searcher = DARTSearch(
        model,
        batches,
        batches,
        "cpu",
        batchsize=2,
        num_imgs=12,
        num_epochs=1,
        unrolled=order == 2,
        use_data_parallel=True,
        save_dir=folder,
        callbacks=[Count()],
    )
    searcher.train()
    if searcher.ranks.is_first:
        collectives, sent = (after - before for before, after in zip(counts[0], counts[1]))
        weights, alphas = split_parameters(model)
        size = sum(4 * w.size for w in weights)
        buckets = 1 + max(0, -(-(size - 2**20) // (25 * 2**20)))
        summary = {
            "order": order,
            "collectives of the search": collectives,
            "their bytes": sent,
            "all-reduces of DataParallel": buckets,
            "bytes of all weights": size,
            "bytes of all alphas": sum(4 * a.size for a in alphas),
        }
        pathlib.Path(folder, "summary.json").write_text(json.dumps(summary))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--rank-of", nargs=2, metavar=("FOLDER", "ORDER"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.rank_of:
        folder, order = arguments.rank_of
        search(folder, arguments.channels, arguments.layers, int(order))
        return
    sizes = ["--channels", str(arguments.channels), "--layers", str(arguments.layers)]
    for order in ("1", "2"):
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "paddle.distributed.launch", "--nproc_per_node", "2"]
            command += ["--log_dir", f"{folder}/log", __file__, *sizes, "--rank-of", folder, order]
            run = subprocess.run(command, capture_output=True, text=True)
            if run.returncode:
                sys.exit(run.stdout + run.stderr)
            for name, value in json.loads(pathlib.Path(folder, "summary.json").read_text()).items():
                print(f"{name:>28}  {value:,}")
            print()


if __name__ == "__main__":
    main()
