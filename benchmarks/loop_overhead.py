"""How much `DARTSearch` adds to the bare forward and backward passes of a model.

    python benchmarks/loop_overhead.py [--model darts|pc-darts|nas-bench-201|user] [--second-order] [--steps 30]

The passes and the search take turns: the training reader, asked for a batch, first makes the passes of a step by hand
and takes their time, and takes that of the search until it is asked for the next one. Passes are, in first order, one
forward and backward of the validation batch for the alphas alone and one of the training batch for the weights alone.
What the search adds are both optimizers, the checks of every gradient, seeding, accuracies, log lines, and reading.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import tempfile
import time

import numpy as np
import paddle
from paddle import nn
from paddle.nn import functional as F

from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.search_space import DARTSSupernet, NASBench201Supernet, PCDARTSSupernet
from paddleslim.nas.darts.search_space.contract import split_parameters
from paddleslim.nas.darts.state.parameters import frozen
from paddleslim.nas.darts.training.log import logger


class UserSupernet(nn.Layer):
    """A supernet as a user would write it, with Paddle's layers alone: on every edge three kernels and the identity."""

    _method, _steps, _multiplier = "DARTS", 2, 2
    _primitives = ("conv_1x1", "conv_3x3", "conv_5x5", "skip_connect")

    def __init__(self, channels=32, cells=3):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2D(3, channels, 3, stride=2, padding=1), nn.BatchNorm2D(channels))
        self.cells = nn.LayerList([self.make_cell(channels) for _ in range(cells)])
        self.classifier = nn.Linear(channels, 10)
        near_uniform = nn.initializer.Normal(0.0, 1e-3)
        self.alphas_normal = self.create_parameter([5, 4], default_initializer=near_uniform)
        self.alphas_reduce = self.create_parameter([5, 4], default_initializer=near_uniform)

    def make_cell(self, channels):
        """Return the operations of two nodes, which have two and three edges."""
        convs = [[self.make_conv(channels, size) for size in (1, 3, 5)] for _ in range(5)]
        return nn.LayerList([nn.LayerList([*edge, nn.Identity()]) for edge in convs])

    @staticmethod
    def make_conv(channels, size):
        conv = nn.Conv2D(channels, channels, size, padding=size // 2, bias_attr=False)
        return nn.Sequential(nn.ReLU(), conv, nn.BatchNorm2D(channels))

    def forward(self, image):
        x = self.stem(image)
        tables = F.softmax(self.alphas_normal), F.softmax(self.alphas_reduce)
        for number, cell in enumerate(self.cells):
            weights, states, edge = tables[number % 2], [x, x], 0
            for _ in range(2):
                total = 0
                for state in states:
                    total = total + sum(w * op(state) for w, op in zip(weights[edge], cell[edge]))
                    edge += 1
                states.append(total)
            x = states[-2] + states[-1]
        return self.classifier(x.mean(axis=[2, 3]))

    def _loss(self, image, label):
        return F.cross_entropy(self(image), label)

    def arch_parameters(self):
        return [self.alphas_normal, self.alphas_reduce]


MODELS = {
    "darts": DARTSSupernet,
    "pc-darts": PCDARTSSupernet,
    "nas-bench-201": NASBench201Supernet,
    "user": UserSupernet,
}


class TakingTurns:
    """The training reader, which makes the passes by hand before each batch.

    Attributes:
        bare, search: seconds of each step's passes, and of the search's steps.
    """

    def __init__(self, model, batches, second_order):
        self.model, self.batches, self.second_order = model, batches, second_order
        self.weights, self.alphas = split_parameters(model)
        self.bare: list[float] = []
        self.search: list[float] = []

    def __call__(self):
        for batch in self.batches:
            image, label = (paddle.to_tensor(array) for array in batch)
            start = time.perf_counter()
            self.make_passes(image, label)
            self.bare.append(time.perf_counter() - start)
            start = time.perf_counter()
            yield batch
            self.search.append(time.perf_counter() - start)

    def make_passes(self, image, label):
        """Make the passes of a search step; second order has two for weights and two for the alphas more."""
        if self.second_order:
            self.pass_for(self.weights, self.alphas, image, label)
            self.pass_for(self.weights + self.alphas, [], image, label)
            self.pass_for(self.alphas, self.weights, image, label)
        self.pass_for(self.alphas, self.weights, image, label)
        self.pass_for(self.weights, self.alphas, image, label)

    def pass_for(self, wanted, held, image, label):
        """Make one forward and backward pass."""
        with frozen(held):
            paddle.grad(self.model._loss(image, label), wanted)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=MODELS, default="darts")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--second-order", action="store_true")
    args = parser.parse_args()
    logger.setLevel(logging.ERROR)
    paddle.seed(0)
    rng = np.random.default_rng(0)
    shape = [args.batch, 3, 32, 32]
    batches = [(rng.standard_normal(shape, "float32"), rng.integers(0, 10, [args.batch, 1])) for _ in range(args.steps)]
    model = MODELS[args.model]()
    turns = TakingTurns(model, batches, args.second_order)
    with tempfile.TemporaryDirectory() as folder:
        DARTSearch(
            model,
            turns,
            lambda: iter(batches),
            place="cpu" if paddle.get_device() == "cpu" else paddle.get_device(),
            batchsize=args.batch,
            num_imgs=2 * args.batch * args.steps,
            unrolled=args.second_order,
            num_epochs=1,
            save_dir=folder,
        ).train()
    warm = args.steps // 3
    bare, search = (statistics.median(seconds[warm:]) for seconds in (turns.bare, turns.search))
    added = statistics.median(b - a for a, b in list(zip(turns.bare, turns.search))[warm:])
    print(
        f"{args.model}, order {2 if args.second_order else 1}: passes {bare:.4f} s, search {search:.4f} s; "
        f"added {added:.4f} s, {100 * added / bare:.1f} %"
    )


if __name__ == "__main__":
    main()
