"""Random numbers that depend on the place in a search alone, so that a search can resume from any place.

Paddle's generator cannot be written to a file. So nothing is: before each step the generators of Paddle, numpy and
Python are seeded from the search's seeds, the epoch and the step; and each reader draws from generators of its own,
seeded from the search's seeds, the epoch and the reader. What one draws never moves what another one gets.
"""

from __future__ import annotations

import random
from typing import NamedTuple

import numpy as np
import paddle

__all__ = [
    "CURVATURE",
    "MIXTURE",
    "PHASES",
    "READING",
    "STAGE",
    "RandomStream",
    "Seeds",
    "draw_seeds",
    "read_random_states",
    "seed_everything_at",
    "write_random_states",
]

# The first number of a place: a step of one of these phases, a reader in it,
# the curvature after an epoch, what a mixture draws, or the channels that a stage copies.
PHASES = ("Train", "Valid")
READING = len(PHASES)
CURVATURE = READING + 1
MIXTURE = CURVATURE + 1
STAGE = MIXTURE + 1


class Seeds(NamedTuple):
    """Where the random numbers of a search begin: a whole number below 2**62 for each library."""

    paddle: int
    numpy: int
    python: int


def draw_seeds():
    """Return seeds drawn from the generators of Paddle, numpy and Python: what the caller seeded decides."""
    high, low = paddle.randint(0, 2**31 - 1, [2], dtype="int64").tolist()
    return Seeds(high << 31 | low, int(np.random.randint(0, 2**62, dtype="int64")), random.getrandbits(62))


def seed_everything_at(seeds, *place):
    """Seed Paddle, numpy and Python for a place in the search, such as `(epoch, step)` or a reader's."""
    for_paddle, for_numpy, for_python = (np.random.SeedSequence([seed, *place]).generate_state(2) for seed in seeds)
    paddle.seed(int(for_paddle[0]) << 31 ^ int(for_paddle[1]))
    np.random.seed(for_numpy)
    random.seed(int(for_python[0]) << 32 | int(for_python[1]))


class RandomStream:
    """Random states of one's own: inside `with stream:` Paddle, numpy and Python draw from them.

    Outside nobody notices: the states there are what they were, and the stream continues where it was left.

    Args:
        seeds: a `Seeds`.
        place: whole numbers that distinguish this stream from others.
    """

    def __init__(self, seeds, *place):
        outside = read_random_states()
        seed_everything_at(seeds, *place)
        self._states = read_random_states()
        write_random_states(outside)

    def __enter__(self):
        self._outside = read_random_states()
        write_random_states(self._states)

    def __exit__(self, *_):
        self._states = read_random_states()
        write_random_states(self._outside)


def read_random_states():
    return paddle.get_rng_state(), np.random.get_state(), random.getstate()


def write_random_states(states):
    paddle.set_rng_state(states[0])
    np.random.set_state(states[1])
    random.setstate(states[2])
