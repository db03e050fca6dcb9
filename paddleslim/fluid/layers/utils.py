"""`fluid.layers.utils`: nested structures and checks of arguments."""

from __future__ import annotations

import numpy as np
import paddle
from paddle.utils import flatten, map_structure, pack_sequence_as

from .._absent import absent
from ..dygraph_utils import repeat

__all__ = [
    "check_dtype",
    "check_type",
    "check_variable_and_dtype",
    "convert_dtype",
    "convert_to_list",
    "flatten",
    "is_sequence",
    "map_structure",
    "pack_sequence_as",
]


def is_sequence(seq):
    """Return True for a list, tuple or dict."""
    return isinstance(seq, (list, tuple, dict))


def convert_to_list(value, n, name, dtype=int):
    """Return a number as a list of n, a list of n as it is."""
    return [dtype(number) for number in repeat(value, n, name)]


def convert_dtype(dtype):
    """Return the name of a type, such as 'float32'."""
    if isinstance(dtype, (str, type, np.dtype)):
        return np.dtype(dtype).name
    return str(dtype).rpartition(".")[2]


def check_type(input, input_name, expected_type, op_name, extra_message=""):
    """Raise a TypeError unless `input` is of the expected type."""
    if not isinstance(input, expected_type):
        raise TypeError(
            f"{input_name} of {op_name} must be {expected_type}, got {type(input).__name__}. {extra_message}"
        )


def check_dtype(input_dtype, input_name, expected_dtype, op_name, extra_message=""):
    """Raise a TypeError unless the type of an input is among the expected ones."""
    if convert_dtype(input_dtype) not in expected_dtype:
        raise TypeError(
            f"{input_name} of {op_name} must be of {expected_dtype}, got {convert_dtype(input_dtype)}. {extra_message}"
        )


def check_variable_and_dtype(input, input_name, expected_dtype, op_name, extra_message=""):
    """Raise a TypeError unless `input` is a variable of one of the expected types."""
    check_type(input, input_name, paddle.Tensor, op_name, extra_message)
    check_dtype(input.dtype, input_name, expected_dtype, op_name, extra_message)


__getattr__ = absent(__name__)
