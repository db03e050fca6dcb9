"""How far the correction of the second order depends on the difference it is taken by, and on that one's radius.

    python benchmarks/differences.py [--channels 8] [--layers 4] [--epochs 3] [--batches 5]

The correction is what the second order adds to the validation gradient at the virtual step: the product with the mixed
Hessian. The gradient of a network with ReLU and max pooling has jumps, so that no difference of it has a limit that
could be called exact; the published one, central with a radius of 0.01, is what the others are compared with.
"""

from __future__ import annotations

import argparse
import itertools

import numpy as np
from rounding import add_arguments, flat, prepare

from paddleslim.nas.darts.strategy.hypergradient import second_order

VARIANTS = [("central", 0.005), ("central", 0.02), ("forward", 0.005), ("forward", 0.01), ("forward", 0.02)]


def hypergradient(supernet, batches, **settings):
    """Return the second-order gradient with the rate and decay of the weights' optimizer."""
    return flat(second_order(supernet, *batches, xi=0.025, weight_decay=3e-4, **settings))


def without_correction(supernet, batches):
    """Return the validation gradient at the virtual step."""
    passes = itertools.count()

    def train_loss(supernet, image, label):
        return supernet._loss(image, label) * float(next(passes) == 0)

    return hypergradient(supernet, batches, train_loss=train_loss)


def measure(supernet, batches):
    """Return the correction's share of the hypergradient, then distance and cosine of each of `VARIANTS` to it."""
    whole, direct = hypergradient(supernet, batches), without_correction(supernet, batches)
    published = whole - direct
    length = np.linalg.norm(published)
    found = [length / np.linalg.norm(whole)]
    for difference, radius in VARIANTS:
        other = hypergradient(supernet, batches, difference=difference, radius=radius) - direct
        found += [np.linalg.norm(other - published) / length, other @ published / np.linalg.norm(other) / length]
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser)
    args = parser.parse_args()
    supernet, *readers = prepare(args.channels, args.layers, args.epochs)
    pairs = itertools.islice(zip(*readers), args.batches)
    share, *others = np.median([measure(supernet, pair) for pair in pairs], axis=0)
    print(f"the correction is {share:.1%} of the hypergradient, medians of {args.batches} pairs of batches")
    print(f"{'difference':12}{'radius':>8}{'off by':>9}{'cosine':>9}")
    for (difference, radius), off, cosine in zip(VARIANTS, others[::2], others[1::2]):
        print(f"{difference:12}{radius:8}{off:9.0%}{cosine:9.2f}")


if __name__ == "__main__":
    main()
