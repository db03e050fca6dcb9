"""Dropout, with the masks of Paddle 1.8 where a seed is given."""

from __future__ import annotations

import functools

import numpy as np
import paddle
from paddle.nn import functional as F

from .. import _random
from .._variable import fluid_function

__all__ = ["drop"]

MODES = {"downgrade_in_infer": "downscale_in_infer", "upscale_in_train": "upscale_in_train"}


@functools.lru_cache(maxsize=4)
def keep(shape, probability, seed):
    """Return the mask of the given shape, 0 where an element is dropped, as a float32 array."""
    return (_random.uniform(list(shape), 0.0, 1.0, seed) >= np.float32(probability)).astype(np.float32)


@fluid_function
def drop(x, probability, training, seed, implementation):
    """Return x with each element zeroed with the given probability in training.

    'downgrade_in_infer' multiplies by 1 - probability in evaluation, 'upscale_in_train' divides by it in training.

    Raises:
        ValueError: there is no such implementation.
    """
    if implementation not in MODES:
        raise ValueError(f"dropout_implementation must be one of {sorted(MODES)}, got {implementation!r}")
    if not (training and seed):
        # As a matrix: Paddle 3.3 refuses a vector on the CPU.
        dropped = F.dropout(x.reshape([1, -1]), probability, training=training, mode=MODES[implementation])
        return dropped.reshape(x.shape)
    kept = x * paddle.to_tensor(keep(tuple(x.shape), probability, seed)).cast(x.dtype)
    if implementation == "upscale_in_train" and probability < 1:
        kept = kept / (1 - probability)
    return kept
