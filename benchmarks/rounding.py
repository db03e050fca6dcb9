"""How far bfloat16 moves the gradients of the alphas, second order and curvature.

    python benchmarks/rounding.py [--channels 8] [--layers 4] [--epochs 3] [--batches 5]

Nothing here needs a GPU: the inputs and outputs of convolutions and matrix products are rounded to bfloat16 on the CPU,
forwards and backwards, as Paddle's mixed precision would. The DARTS supernet is trained on digits in float32 first.
"""

from __future__ import annotations

import argparse
import itertools
import pathlib
import sys

import numpy as np
import paddle

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from paddleslim.nas.darts.data import ShuffledBatches, load_digits, split
from paddleslim.nas.darts.search_space import DARTSSupernet
from paddleslim.nas.darts.search_space.contract import split_parameters
from paddleslim.nas.darts.state.parameters import frozen
from paddleslim.nas.darts.state.snapshots import undisturbed
from paddleslim.nas.darts.strategy.curvature import dominant_eigenvalue
from paddleslim.nas.darts.strategy.hypergradient import first_order, second_order
from tests.rounding import Rounding

AMP = "bfloat16"


def train(supernet, batches, epochs):
    """Train the weights alone, as a search would."""
    weights, alphas = split_parameters(supernet)
    clip, decay = paddle.nn.ClipGradByGlobalNorm(5.0), paddle.regularizer.L2Decay(3e-4)
    optimizer = paddle.optimizer.Momentum(0.025, 0.9, parameters=weights, weight_decay=decay, grad_clip=clip)
    with frozen(alphas):
        for image, label in batches * epochs:
            supernet._loss(image, label).backward()
            optimizer.step()
            optimizer.clear_grad()


def prepare(channels, layers, epochs):
    """Return a supernet trained on digits for some epochs, and the training and validation batches."""
    paddle.seed(0)
    halves = split(load_digits(), 0.5, seed=0)
    readers = [[tuple(map(paddle.to_tensor, b)) for b in ShuffledBatches(h, 64, s)] for s, h in enumerate(halves)]
    supernet = DARTSSupernet(channels, 10, layers, in_channels=1)
    train(supernet, readers[0], epochs)
    return supernet, *readers


def flat(gradients):
    return np.concatenate([gradient.numpy().astype("float64").ravel() for gradient in gradients])


def distance(found, expected):
    return np.linalg.norm(found - expected) / np.linalg.norm(expected)


def add_arguments(parser):
    """Give a parser what decides how large and how far trained the supernet is."""
    for name, default in (("channels", 8), ("layers", 4), ("epochs", 3), ("batches", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)


def find_correction(supernet, batches, rounding, training=None, validation=None, difference="central"):
    """Return what the second order adds to the gradient at the virtual step, its passes computed in these types.

    Args:
        training: of the passes on the training batch.
        validation: of the pass on the validation batch.
    """

    def compute(factor):
        passes = itertools.count()

        def train_loss(supernet, image, label):
            # without a loss in the difference only the gradient at the virtual step is left
            scale = 1.0 if next(passes) == 0 else factor
            with rounding.autocast(training):
                return scale * supernet._loss(image, label)

        with rounding.autocast(validation):
            settings = {"xi": 0.025, "momentum": 0.9, "weight_decay": 3e-4, "difference": difference}
            return flat(second_order(supernet, *batches, train_loss=train_loss, **settings))

    return compute(1.0) - compute(0.0)


def measure(supernet, batches, rounding):
    """Return errors of one pair of batches, by name, and the first-order gradient."""
    gradients = []
    for amp in (None, AMP):
        with undisturbed(supernet), rounding.autocast(amp):
            gradients.append(flat(first_order(supernet, batches[1])))
    exact = find_correction(supernet, batches, rounding)
    errors = {"first order": distance(gradients[1], gradients[0])}
    for name, types in (("all passes rounded", (AMP, AMP)), ("validation rounded", (None, AMP))):
        errors[f"correction, {name}"] = distance(find_correction(supernet, batches, rounding, *types), exact)
    return errors, gradients[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    args = parser.parse_args()
    supernet, *readers = prepare(args.channels, args.layers, args.epochs)
    rounding = Rounding()
    with rounding.of_paddles_operators():
        found = [measure(supernet, pair, rounding) for pair in itertools.islice(zip(*readers), args.batches)]
        eigenvalues = []
        for amp in (None, AMP):
            with rounding.autocast(amp):
                eigenvalues.append(dominant_eigenvalue(supernet, readers[1][0]))
    errors, gradients = zip(*found)
    mean = np.mean(gradients, axis=0)
    print(f"first order, a batch against the mean: {np.median([distance(mean, g) for g in gradients]):.0%}")
    for name in errors[0]:
        values = [error[name] for error in errors]
        print(f"{name}: {np.median(values):.0%} ({min(values):.0%} to {max(values):.0%})")
    print(f"largest eigenvalue: {eigenvalues[0]:.3g}, rounded {eigenvalues[1]:.3g}")


if __name__ == "__main__":
    main()
