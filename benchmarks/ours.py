"""Our side of a benchmark on random images: steps of a search as `DARTSearch` makes them, of a retraining, predictions.

    python benchmarks/ours.py --batch 16 --steps 6 [--second-order] [--recompute]
    python benchmarks/ours.py --work retrain --batch 32 --channels 36 --layers 20

Prints one line of JSON: seconds per step (median of the later half), and peak memory. With `--in-turns` each step waits
for a line of input, so that another program can take turns with it, and prints its seconds.
"""

from __future__ import annotations

import argparse
import json
import pathlib
import resource
import statistics
import sys
import time

import paddle

from paddleslim.nas.darts.genotype.published import DARTS_V2
from paddleslim.nas.darts.networks.cell_network import CellNetwork
from paddleslim.nas.darts.search.architect import Architect
from paddleslim.nas.darts.search_space import DARTSSupernet, NASBench201Supernet
from paddleslim.nas.darts.search_space.contract import split_parameters
from paddleslim.nas.darts.state.parameters import frozen
from paddleslim.nas.darts.strategy.hypergradient import SecondOrder
from paddleslim.nas.darts.strategy.strategy import Strategy
from paddleslim.nas.darts.training.clipping import ClipByGlobalNorm
from paddleslim.nas.darts.training.compiling import Compiling

WORK = ("search", "retrain", "predict", "nas-bench-201", "edge-by-edge", "edge-by-edge-nn")


class Search:
    """A supernet and its optimizers, on one random batch of 3x32x32 images.

    Args:
        batch: images in a batch.
        channels, layers: of the supernet.
        second_order: whether the architecture step is unrolled.
        difference: of the second order, 'central' or 'forward'.
        recompute: whether the backward pass computes cells again.
        supernet: its class.
    """

    def __init__(
        self,
        batch=16,
        channels=16,
        layers=8,
        second_order=False,
        recompute=False,
        difference="central",
        supernet=DARTSSupernet,
    ):
        paddle.seed(0)
        self.model = supernet(channels, layers=layers, recompute=recompute)
        self.image, self.label = paddle.randn([batch, 3, 32, 32]), paddle.randint(0, 10, [batch, 1])
        weights, self.alphas = split_parameters(self.model)
        decay, clip = paddle.regularizer.L2Decay(3e-4), ClipByGlobalNorm(5.0)
        self.optimizer = paddle.optimizer.Momentum(0.025, 0.9, weights, weight_decay=decay, grad_clip=clip)
        strategy = Strategy(hypergradient=SecondOrder(difference)) if second_order else None
        options = {"optimizer": self.optimizer, "strategy": strategy}
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


class EdgeByEdge(Search):
    """A supernet that knows nothing of the kernels, compiled as a search does; its first step includes that.

    Args:
        batch, channels, layers, second_order: as of `Search`.
        fluid: whether it is written in the dygraph of Paddle 1.8 or in today's `paddle.nn`.
        compile: as of `DARTSearch`.
    """

    def __init__(self, batch=16, channels=16, layers=8, second_order=False, fluid=True, compile="auto"):
        self.fluid = fluid
        super().__init__(batch, channels, layers, second_order, supernet=self.build)
        self.model.train()
        self.compiling = Compiling(self.model, compile, "cpu", lambda line: print(line, file=sys.stderr))

    def build(self, channels, layers, recompute):
        """Return the supernet."""
        if not self.fluid:
            from edge_by_edge import EdgeByEdgeSupernet

            return EdgeByEdgeSupernet(channels, layers)
        sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
        from tests.fluid.scripts.supernet import Network

        return Network("DARTS", channels, 10, layers, 4, 4)

    def step(self):
        with self.compiling.active():
            return super().step()


class Retrain:
    """The network DARTS_V2 with its auxiliary head and drop path, on one random batch of 3x32x32 images."""

    def __init__(self, batch=32, channels=36, layers=20):
        paddle.seed(0)
        self.network = CellNetwork(DARTS_V2, channels, layers=layers, auxiliary=True)
        self.network.drop_path = 0.2
        self.image, self.label = paddle.randn([batch, 3, 32, 32]), paddle.randint(0, 10, [batch, 1])
        options = {"weight_decay": paddle.regularizer.L2Decay(3e-4), "grad_clip": ClipByGlobalNorm(5.0)}
        self.optimizer = paddle.optimizer.Momentum(0.025, 0.9, self.network.parameters(), **options)

    def step(self):
        """Make one training step; return the loss."""
        cross_entropy = paddle.nn.functional.cross_entropy
        logits, second = self.network.forward_twice(self.image)
        loss = cross_entropy(logits, self.label) + 0.4 * cross_entropy(second, self.label)
        loss.backward()
        self.optimizer.step()
        self.optimizer.clear_grad()
        return float(loss)


class Predict(Retrain):
    """The same network in evaluation."""

    @paddle.no_grad()
    def step(self):
        """Predict one batch."""
        self.network.eval()
        return float(self.network(self.image).sum())


SIZES = {  # batch, channels and layers of each work
    "search": (16, 16, 8),
    "retrain": (32, 36, 20),
    "predict": (32, 36, 20),
    "nas-bench-201": (16, 16, 5),
    "edge-by-edge": (16, 16, 8),
    "edge-by-edge-nn": (16, 16, 8),
}


def add_arguments(parser):
    """Give a parser what decides what a step is."""
    parser.add_argument("--work", choices=WORK, default="search")
    for name in ("batch", "channels", "layers"):
        parser.add_argument(f"--{name}", type=int, help="default: that of the work")
    parser.add_argument("--second-order", action="store_true")
    parser.add_argument("--compile", choices=["auto", "on", "off"], default="auto", help="of edge-by-edge alone")


def make_work(args, **options):
    """Return what has the `step` of these arguments; `options` are further ones of `Search`."""
    sizes = [getattr(args, name) or size for name, size in zip(("batch", "channels", "layers"), SIZES[args.work])]
    if args.work in ("retrain", "predict"):
        return (Retrain if args.work == "retrain" else Predict)(*sizes)
    if args.work.startswith("edge-by-edge"):
        return EdgeByEdge(*sizes, args.second_order, not args.work.endswith("-nn"), args.compile)
    supernet = DARTSSupernet if args.work == "search" else NASBench201Supernet
    return Search(*sizes, args.second_order, supernet=supernet, **options)


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
    work = make_work(args, recompute=args.recompute, difference=args.difference)
    seconds, processor = [], []
    for _ in range(args.steps):
        if args.in_turns:
            sys.stdin.readline()
        start, used = time.perf_counter(), time.process_time()
        work.step()
        seconds.append(time.perf_counter() - start)
        processor.append(time.process_time() - used)
        if args.in_turns:
            print(seconds[-1], flush=True)
    print(
        json.dumps(
            {
                "program": f"paddle {paddle.__version__}" + (" recompute" if args.recompute else ""),
                "order": 2 if args.second_order else 1,
                "batch": args.batch or SIZES[args.work][0],
                "seconds_per_step": round(statistics.median(seconds[len(seconds) // 2 :]), 4),
                "first_step": round(seconds[0], 2),
                "processor_seconds_per_step": round(statistics.median(processor[len(processor) // 2 :]), 3),
                "peak_rss_mb": peak_mebibytes(),
            }
        )
    )


if __name__ == "__main__":
    main()
