"""The part of `fluid.io` that reads variables from files into those of a dygraph script."""

from __future__ import annotations

import os

import paddle

from ._absent import static_graph_error
from ._tensor_file import read_tensors

__all__ = ["is_persistable", "load_vars"]


def is_persistable(var):
    """Return whether a variable outlives the step: parameters and statistics do."""
    return bool(var.persistable)


def load_vars(executor, dirname, main_program=None, vars=None, predicate=None, filename=None):
    """Set variables to the values that `save_vars`, `save_params` or `save_persistables` of Paddle 1.8 wrote.

    Args:
        executor: accepted and not used, None will do.
        dirname: folder with a file for each variable, by its name.
        main_program: in place of `vars` a layer, whose parameters are set.
        vars: the variables.
        predicate: function of a variable; where it returns False the variable is left alone.
        filename: one file in the folder with all variables, in the order of their names.

    Raises:
        AttributeError: no variables are given; those of a program belong to static graphs.
        FileNotFoundError: a file is missing.
        ValueError: a shape differs, or the file holds another number of variables.
    """
    if vars is None:
        if not isinstance(main_program, paddle.nn.Layer):
            raise static_graph_error("fluid.io.load_vars without vars=")
        vars = main_program.parameters()
    chosen = sorted((var for var in vars if predicate is None or predicate(var)), key=lambda var: var.name)
    if filename is None:
        values = {var.name: read_first(os.path.join(dirname, var.name)) for var in chosen}
    else:
        arrays = list(read_tensors(os.path.join(dirname, filename)))
        if len(arrays) != len(chosen):
            raise ValueError(f"{filename} holds {len(arrays)} variables, but {len(chosen)} are to be set")
        values = {var.name: array for var, array in zip(chosen, arrays)}
    for var in chosen:
        if list(values[var.name].shape) != list(var.shape):
            raise ValueError(f"{var.name} has shape {list(var.shape)}, its value {list(values[var.name].shape)}")
    for var in chosen:
        var.set_value(values[var.name])


def read_first(path):
    """Return the first array in a file, or raise a ValueError that names it."""
    for array in read_tensors(path):
        return array
    raise ValueError(f"{path} holds no variable")
