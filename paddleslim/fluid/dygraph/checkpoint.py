"""`fluid.dygraph.checkpoint`: state dicts as files, the format of Paddle 1.8 both ways."""

from __future__ import annotations

import os
import pickle

import numpy as np
import paddle

from paddleslim.common.plain_pickle import read_plain_pickle

from .._absent import absent
from .._variable import Parameter

__all__ = ["load_dygraph", "save_dygraph"]

# Structured name -> name of the parameter, kept in each file.
NAME_TABLE = "StructuredToParameterName@@"


def save_dygraph(state_dict, model_path):
    """Write a layer's state dict to `model_path`.pdparams, an optimizer's to `model_path`.pdopt.

    Raises:
        ValueError: the state dict is empty, or `model_path` has no file name.
    """
    if not os.path.basename(model_path):
        raise ValueError(f"model_path must end in a file name, got {model_path!r}")
    if not state_dict:
        raise ValueError("the state dict is empty; there is nothing to save")
    suffix = ".pdparams" if isinstance(next(iter(state_dict.values())), Parameter) else ".pdopt"
    os.makedirs(os.path.dirname(model_path) or ".", exist_ok=True)
    arrays = {k: np.array(v.numpy()) if isinstance(v, paddle.Tensor) else v for k, v in state_dict.items()}
    arrays[NAME_TABLE] = {k: v.name for k, v in state_dict.items() if isinstance(v, paddle.Tensor)}
    with open(model_path + suffix, "wb") as file:
        pickle.dump(arrays, file, protocol=2)


def load_dygraph(model_path, keep_name_table=False):
    """Return the state dicts `(parameters, optimizer)` saved under `model_path`, as arrays; None for no optimizer.

    Reads what Paddle 1.8 wrote, and what is written here. Nothing in the files is run.

    Raises:
        RuntimeError: there is no file `model_path`.pdparams.
        ValueError: a file is damaged, or holds more than arrays, numbers, texts and containers.
    """
    prefix, extension = os.path.splitext(model_path)
    if extension not in (".pdparams", ".pdopt"):
        prefix = model_path
    if not os.path.exists(prefix + ".pdparams"):
        raise RuntimeError(f"there is no file {prefix}.pdparams; give the path that save_dygraph was given")
    parameters = read(prefix + ".pdparams")
    if not keep_name_table:
        parameters.pop(NAME_TABLE, None)
    optimizer = read(prefix + ".pdopt") if os.path.exists(prefix + ".pdopt") else None
    return parameters, optimizer


def read(path):
    state = read_plain_pickle(path, encoding="latin1")
    if not isinstance(state, dict):
        raise ValueError(f"{path} holds no state dict")
    # Today's paddle.save keeps a tensor as (name, array).
    return {k: v[1] if isinstance(v, tuple) and isinstance(v[-1], np.ndarray) else v for k, v in state.items()}


__getattr__ = absent(__name__)
