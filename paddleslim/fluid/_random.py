"""The random numbers of Paddle 1.8 on the CPU, number for number.

Its operators drew from the C++ engine `std::minstd_rand`, seeded afresh in every call. With a seed given, here or
as `fluid.default_main_program().random_seed`, the same numbers come out; without one the seed itself is drawn from
Paddle's generator, which `paddle.seed` controls.
"""

from __future__ import annotations

import numpy as np
import paddle

from ._program import default_main_program

__all__ = ["choose_seed", "minstd", "normal", "truncated_normal", "uniform"]

MODULUS = 2**31 - 1
MULTIPLIER = 48271
BLOCK = 2**15


def choose_seed(seed=0):
    """Return `seed`, else the random seed of the main program, else a number from Paddle's generator."""
    return seed or default_main_program().random_seed or paddle.randint(1, MODULUS, [1]).item()


def multiplier_powers(count):
    """Return MULTIPLIER^1 .. MULTIPLIER^count modulo MODULUS, int64 [count]."""
    powers = np.array([MULTIPLIER], dtype=np.int64)
    while len(powers) < count:
        powers = np.concatenate([powers, powers * powers[-1] % MODULUS])
    return powers[:count]


def minstd(seed, count):
    """Return the first `count` states of the engine, x_n = 48271 x_(n-1) mod (2^31 - 1), int64."""
    powers = multiplier_powers(min(count, BLOCK))
    state = seed % MODULUS or 1
    blocks = []
    for start in range(0, count, BLOCK):
        blocks.append(powers[: count - start] * state % MODULUS)
        state = int(blocks[-1][-1])
    return np.concatenate(blocks) if blocks else np.empty(0, np.int64)


def canonical(seed, count):
    """Return `count` float32 numbers in [0, 1), as `std::generate_canonical` makes them."""
    fractions = (minstd(seed, count) - 1).astype(np.float32) / np.float32(MODULUS - 1)
    return np.minimum(fractions, np.nextafter(np.float32(1), np.float32(0)))


def uniform(shape, low, high, seed=0):
    """Return float32 numbers in [low, high) of the given shape."""
    low, high = np.float32(low), np.float32(high)
    return (canonical(choose_seed(seed), int(np.prod(shape))) * (high - low) + low).reshape(shape)


def normal(shape, mean, std, seed=0):
    """Return normal float32 numbers of the given shape (Marsaglia's polar method, as in libstdc++)."""
    seed, count = choose_seed(seed), int(np.prod(shape))
    # A pair is accepted with probability pi / 4; the second one of a pair comes out first.
    tries = int(count / 2 * 1.28) + 32
    while True:
        points = (canonical(seed, 2 * tries) * 2 - 1).reshape(tries, 2)
        radius = (points * points).sum(axis=1)
        inside = (radius <= 1) & (radius != 0)
        if 2 * inside.sum() >= count:
            break
        tries *= 2
    radius = radius[inside]
    pairs = points[inside][:, ::-1] * np.sqrt(-2 * np.log(radius) / radius)[:, None]
    numbers = pairs.reshape(-1)[:count].astype(np.float32)
    return (numbers * np.float32(std) + np.float32(mean)).reshape(shape)


def truncated_normal(shape, mean, std, seed=0):
    """Return normal float32 numbers no further than two standard deviations from the mean."""
    smallest = np.finfo(np.float32).tiny
    quantiles = uniform(shape, smallest, 1.0, seed).astype(np.float64)
    # Phi(-2), Phi(2): the quantiles between them are spread over (0, 1).
    low, high = 0.022750131948179, 0.977249868051821
    numbers = paddle.erfinv(paddle.to_tensor(2 * (low + (high - low) * quantiles) - 1)).numpy() * np.sqrt(2)
    return (numbers * std + mean).astype(np.float32)
