"""The weights of a network in a file: arrays by name, verified when they are read."""

from __future__ import annotations

import numpy as np

from paddleslim.common.paths import own_path
from paddleslim.common.plain_pickle import read_plain_pickle

from .checkpoint import Checkpoint, DamagedCheckpointError, read_checkpoint, write_checkpoint

__all__ = ["read_weights", "write_weights"]

NAME_TABLE = "StructuredToParameterName@@"  # in what `paddle.save` writes


def write_weights(path, state, **about):
    """Write a state dict as a safetensors file with a checksum, and with it what JSON can say `about` it."""
    write_checkpoint(path, Checkpoint({name: tensor.numpy() for name, tensor in state.items()}, about))


def read_weights(path):
    """Return the arrays in a file of `write_weights` or of `paddle.save`, by name, and what is said about them.

    Nothing in the file is ever run.

    Raises:
        OSError: the file cannot be opened.
        ValueError: it is damaged, or holds something else.
    """
    path = own_path(path)
    if path.suffix == ".safetensors":
        try:
            found = read_checkpoint(path)
        except DamagedCheckpointError as error:
            raise ValueError(f"{error}; train the network anew, or resume its training") from error
        return found.arrays, found.record
    state = read_plain_pickle(path, encoding="latin1")
    if not isinstance(state, dict):
        raise ValueError(f"{path} holds no weights")
    state = {name: value[1] if is_named(value) else value for name, value in state.items() if name != NAME_TABLE}
    wrong = [name for name, value in state.items() if not isinstance(value, np.ndarray) or not isinstance(name, str)]
    if wrong:
        raise ValueError(f"{path} holds no weights: `{wrong[0]}` is no array")
    return state, {}


def is_named(value):
    """Whether a value is a tensor as `paddle.save` may keep it: its name and its array."""
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], np.ndarray)
