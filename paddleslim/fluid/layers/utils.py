"""`fluid.layers.utils`: nested structures and checks of arguments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import paddle

from .._absent import absent
from .._functions.lengths import repeat

__all__ = [
    "assert_same_structure",
    "check_dtype",
    "check_type",
    "check_variable_and_dtype",
    "convert_dtype",
    "convert_to_list",
    "copy_mutable_vars",
    "flatten",
    "hold_mutable_vars",
    "is_sequence",
    "map_structure",
    "pack_sequence_as",
]


def is_sequence(seq):
    """Return True for a list, tuple, dict or other sequence, but not for text.

    A script may put its own function in place of this one; the functions of this module heed it.
    """
    return isinstance(seq, (dict, Sequence)) and not isinstance(seq, str)


def _yield_value(iterable):
    if isinstance(iterable, dict):
        yield from (iterable[key] for key in sorted(iterable))
    else:
        yield from iterable


def flatten(nest):
    """Return all leaves of a nested structure in a list, those of a dict in the order of its keys."""
    return [leaf for part in _yield_value(nest) for leaf in flatten(part)] if is_sequence(nest) else [nest]


def _sequence_like(instance, args):
    """Return `args` as a sequence of the type of `instance`."""
    if isinstance(instance, dict):
        values = dict(zip(sorted(instance), args))
        return type(instance)((key, values[key]) for key in instance)
    if isinstance(instance, tuple) and hasattr(instance, "_fields"):
        return type(instance)(*args)
    return type(instance)(args)


def pack_sequence_as(structure, flat_sequence):
    """Return a structure like the given one, with other leaves.

    Raises:
        TypeError: `flat_sequence` is no sequence.
        ValueError: it has another number of leaves.
    """
    if not is_sequence(flat_sequence):
        raise TypeError(f"flat_sequence must be a sequence, got {type(flat_sequence).__name__}")
    count = len(flatten(structure))
    if len(flat_sequence) != count:
        raise ValueError(f"the structure has {count} leaves, flat_sequence {len(flat_sequence)}")
    leaves = iter(flat_sequence)

    def pack(part):
        return _sequence_like(part, [pack(p) for p in _yield_value(part)]) if is_sequence(part) else next(leaves)

    return pack(structure)


def map_structure(func, *structure):
    """Return a structure like the first one, each leaf `func` of the leaves there."""
    return pack_sequence_as(structure[0], [func(*leaves) for leaves in zip(*map(flatten, structure))])


def hold_mutable_vars(structure):
    """Return whether a part of the structure is a sequence."""
    return any(is_sequence(part) for part in structure)


def copy_mutable_vars(structure):
    """Return the structure with new sequences and the same leaves."""
    return pack_sequence_as(structure, flatten(structure))


def assert_same_structure(nest1, nest2, check_types=True):
    """Raise unless two structures are alike but for their leaves.

    Raises:
        TypeError: their sequences are of different types, with `check_types`.
        ValueError: they have other leaves, or other keys.
    """
    if is_sequence(nest1) != is_sequence(nest2) or len(flatten(nest1)) != len(flatten(nest2)):
        raise ValueError(f"the two structures differ: {nest1!r} and {nest2!r}")
    if not is_sequence(nest1):
        return
    if check_types and type(nest1) is not type(nest2):
        raise TypeError(f"the two structures have types {type(nest1).__name__} and {type(nest2).__name__}")
    if check_types and isinstance(nest1, dict) and set(nest1) != set(nest2):
        raise ValueError(f"the two dictionaries have keys {sorted(nest1)} and {sorted(nest2)}")
    for part1, part2 in zip(_yield_value(nest1), _yield_value(nest2)):
        assert_same_structure(part1, part2, check_types)


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
