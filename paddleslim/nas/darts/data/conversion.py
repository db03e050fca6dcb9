"""From the numbers that a reader yields to tensors of types that Paddle computes with."""

from __future__ import annotations

import numpy as np
import paddle

from .masked import MASKED, holds_masked
from .sendable import SPARSE, Unsendable, is_sparse

__all__ = ["IMAGE_DIMENSIONS", "as_array", "as_int64", "convert_inputs", "convert_label", "is_float"]

IMAGE_DIMENSIONS = 4  # whole numbers with fewer are indices, such as those of words
LARGEST = np.iinfo(np.int64).max


def convert_inputs(inputs, what, float_type=None):
    """Return inputs as tensors where Paddle computes, nested as they were.

    Floats of any width become `float_type`, Paddle's default dtype if None; so do bytes, and whole numbers in four
    dimensions or more, which are pixels. Other whole numbers, such as the indices of words, become int64.

    Raises:
        ValueError: a part is no array of numbers, or of complex ones, or a masked one, or too large for int64.
    """
    if isinstance(inputs, dict):
        return {name: convert_inputs(part, f"{what}, {name}", float_type) for name, part in inputs.items()}
    if isinstance(inputs, tuple):
        return tuple(convert_inputs(part, f"{what}, input {i}", float_type) for i, part in enumerate(inputs))
    array, kind = as_array(inputs, what, "images")
    pixels = kind == "uint8" or (kind != "bool" and len(array.shape) >= IMAGE_DIMENSIONS)
    if is_float(kind) or pixels:
        return as_tensor(array, float_type or paddle.get_default_dtype())
    return as_tensor(array, "bool") if kind == "bool" else as_int64(array, what, "images")


def convert_label(label, what, float_type=None):
    """Return a label of any kind as tensors, nested as it was: floats as `float_type`, whole numbers as int64.

    A column or a list of whole numbers becomes `[N, 1]`, as for classes; everything else keeps its shape.

    Raises:
        ValueError: a part is no array of numbers, or of complex ones, or a masked one, or too large for int64.
    """
    if isinstance(label, dict):
        return {name: convert_label(part, f"{what}, {name}", float_type) for name, part in label.items()}
    if isinstance(label, tuple):
        return tuple(convert_label(part, what, float_type) for part in label)
    array, kind = as_array(label, what, "labels")
    if is_float(kind) or kind == "bool":
        return as_tensor(array, float_type or paddle.get_default_dtype())
    tensor = as_int64(array, what, "labels")
    return tensor.reshape([-1, 1]) if len(tensor.shape) == 1 else tensor


def is_float(kind):
    return kind.startswith(("float", "bfloat", "longdouble"))


def as_array(values, what, role):
    """Return numbers as a tensor or a numpy array of the byte order of the machine, and the name of their type.

    Raises:
        ValueError: they are no numbers, or complex ones, or arrays of different shapes, or masked.
    """
    if is_sparse(values) or (isinstance(values, Unsendable) and values.type_name == SPARSE):
        raise ValueError(f"{what}: {role} are {SPARSE}, which few layers compute with; give dense ones, x.to_dense()")
    if not isinstance(values, paddle.Tensor):
        parts = values
        if holds_masked(parts):
            raise ValueError(f"{what}: {role} are a {MASKED}")
        try:
            values = np.asarray(parts)
        except ValueError:
            values = np.asarray(None)
        if values.dtype.kind == "O" and holds_arrays(parts):
            shapes = list(dict.fromkeys(str(list(np.shape(part))) for part in parts if hasattr(part, "shape")))
            found = f" ({', '.join(shapes[:3])})" if shapes else ""
            raise ValueError(f"{what}: {role} are arrays of different shapes{found}; pad them to one shape")
        if values.dtype.kind not in "fiub":
            raise ValueError(
                f"{what}: {role} are {name_type(values, parts)}, which no layer computes with; give floats or integers"
            )
        if values.dtype.byteorder not in "=|":
            values = values.astype(values.dtype.newbyteorder("="))
        return values, values.dtype.name
    kind = str(values.dtype).rpartition(".")[2]
    if kind.startswith("complex"):
        raise ValueError(f"{what}: {role} are {kind}, which no layer computes with; give floats or integers")
    return values, kind


def holds_arrays(parts):
    is_list = isinstance(parts, (list, tuple))
    return is_list and any(isinstance(part, (list, tuple)) or hasattr(part, "shape") for part in parts)


def name_type(values, given):
    """Return the name of the type of an array, or of what is no array of numbers."""
    if values.dtype.kind != "O":
        return values.dtype.name
    name = given.type_name if isinstance(given, Unsendable) else type(given).__name__
    return "objects" if name == "ndarray" else name


def as_tensor(array, dtype):
    """Return a tensor or an array as a tensor of `dtype` where Paddle computes."""
    if isinstance(array, paddle.Tensor):
        array = array if str(array.dtype).rpartition(".")[2] == dtype else array.astype(dtype)
        return array.to(paddle.get_device())
    return paddle.to_tensor(array.astype(dtype, copy=False))


def as_int64(array, what, role):
    """Return whole numbers as an int64 tensor where Paddle computes.

    Raises:
        ValueError: one is too large; numpy would make a negative number of it.
    """
    if isinstance(array, np.ndarray) and array.dtype == np.uint64 and array.size and array.max() > LARGEST:
        raise ValueError(f"{what}: {role} hold {array.max()}, and the largest number of int64 is {LARGEST}")
    return as_tensor(array, "int64")
