"""Mixing by perturbed weights for the length of a weight step (Chen and Hsieh, 2020)."""

from __future__ import annotations

import contextlib

import paddle

__all__ = ["PerturbedSteps", "draw_noise", "generator_of_noise", "mixing", "perturb"]

NOISE = 2  # indices 0 and 1 belong to the mixtures of normal and reduction cells


class PerturbedSteps:
    """What perturbs the weight steps of a problem; it remembers nothing from one step to the next.

    Args:
        settings: the frozen object that was started.
        problem: see `Problem`.
    """

    def __init__(self, settings, problem):
        self.settings, self.problem = settings, problem

    def get_state(self):
        """Return what a checkpoint keeps: nothing."""
        return {}

    def set_state(self, state):
        """Take back what `get_state` returned."""


@contextlib.contextmanager
def mixing(supernet, mixture):
    """Let `supernet` mix by `mixture(alphas, index)`; on leaving it mixes as before."""
    before = supernet.mixture
    supernet.mixture = mixture
    try:
        yield
    finally:
        supernet.mixture = before


def perturb(weights, delta):
    """Return weights + delta, clamped to [0, 1] and divided by their sum, edge by edge.

    Args:
        weights: `[edges, operations]`, or more columns, which stay as they are.
        delta: `[edges, operations]`.
    """
    operations = delta.shape[1]
    p = paddle.clip(weights[:, :operations] + delta, 0.0, 1.0)
    p = p / p.sum(axis=1, keepdim=True).clip(min=1e-12)
    return p if operations == weights.shape[1] else paddle.concat([p, weights[:, operations:]], axis=1)


def draw_noise(generator, epsilon, shape, dtype):
    """Return a tensor of numbers of U(-epsilon, epsilon)."""
    return paddle.to_tensor(generator.uniform(-epsilon, epsilon, shape), dtype=dtype)


def generator_of_noise(make_generator, index):
    """Return the generator of the noise of a kind of cell, another one than its mixture draws from."""
    return make_generator(NOISE + index)
