"""Our side of a benchmark: search steps of DARTS's supernet on random images, as `DARTSearch` makes them.

    python benchmarks/ours.py --batch 16 --steps 6 [--second-order] [--recompute]

Prints one line of JSON: seconds per search step (median of the later half), and peak memory. With `--in-turns` each
step waits for a line of input, so that another program can take turns with it, and prints its seconds.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import time

import paddle

from paddleslim.nas.darts.search.architect import Architect
from paddleslim.nas.darts.search_space import DARTSSupernet
from paddleslim.nas.darts.search_space.contract import split_parameters
from paddleslim.nas.darts.state.parameters import frozen
from paddleslim.nas.darts.training.clipping import ClipByGlobalNorm


class Search:
    """A supernet and its optimizers, on one random batch of 3x32x32 images.

    Args:
        batch: images in a batch.
        channels, layers: of the supernet.
        second_order: whether the architecture step is unrolled.
        difference: of the second order, 'central' or 'forward'.
        recompute: whether the backward pass computes cells again.
    """

    def __init__(self, batch=16, channels=16, layers=8, second_order=False, recompute=False, difference="central"):
        paddle.seed(0)
        self.model = DARTSSupernet(channels, layers=layers, recompute=recompute)
        self.image, self.label = paddle.randn([batch, 3, 32, 32]), paddle.randint(0, 10, [batch, 1])
        weights, self.alphas = split_parameters(self.model)
        decay, clip = paddle.regularizer.L2Decay(3e-4), ClipByGlobalNorm(5.0)
        self.optimizer = paddle.optimizer.Momentum(0.025, 0.9, weights, weight_decay=decay, grad_clip=clip)
        options = {"optimizer": self.optimizer, "difference": difference}
        self.architect = Architect(self.model, 0.025, 3e-4, second_order, **options)

    def step(self):
        """Make one architecture step and one weight step; return the training loss."""
        batch = self.image, self.label
        self.architect.step(*batch, *batch)
        with frozen(self.alphas):
            loss = paddle.nn.functional.cross_entropy(self.model(self.image), self.label)
            loss.backward()
        self.optimizer.step()
        self.optimizer.clear_grad()
        return float(loss)


def add_arguments(parser):
    """Give a parser what decides how large a step is."""
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--channels", type=int, default=16)
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--second-order", action="store_true")


def peak_mebibytes():
    """Return the largest resident memory of this process so far, in MiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--recompute", action="store_true")
    parser.add_argument("--difference", choices=["central", "forward"], default="central")
    parser.add_argument("--in-turns", action="store_true")
    args = parser.parse_args()
    search = Search(args.batch, args.channels, args.layers, args.second_order, args.recompute, args.difference)
    seconds = []
    for _ in range(args.steps):
        if args.in_turns:
            sys.stdin.readline()
        start = time.perf_counter()
        search.step()
        seconds.append(time.perf_counter() - start)
        if args.in_turns:
            print(seconds[-1], flush=True)
    print(
        json.dumps(
            {
                "program": f"paddle {paddle.__version__}" + (" recompute" if args.recompute else ""),
                "order": 2 if args.second_order else 1,
                "batch": args.batch,
                "seconds_per_step": round(statistics.median(seconds[len(seconds) // 2 :]), 4),
                "peak_rss_mb": peak_mebibytes(),
            }
        )
    )


if __name__ == "__main__":
    main()
