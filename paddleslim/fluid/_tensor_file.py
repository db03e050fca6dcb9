"""Variables as Paddle 1.8 wrote them into files of their own: `fluid.io.save_vars`, `save_params`, `save_persistables`.

A file is one tensor after the other: version (uint32), the lengths of sequences (the number of levels as uint64, then
the size of each as uint64 and its bytes), version (uint32), length of the description (int32), the description (a
protobuf message), the elements.
"""

from __future__ import annotations

import math
import struct

import numpy as np

__all__ = ["read_tensors"]

# The numbers of the types in a description.
TYPES = dict(enumerate(("bool", "int16", "int32", "int64", "float16", "float32", "float64")))
TYPES.update({20: "uint8", 21: "int8"})


def read_tensors(path):
    """Yield the arrays of a file.

    Raises:
        OSError: the file cannot be read.
        ValueError: the file is none of tensors, or ends early.
    """
    with open(path, "rb") as file:
        content = memoryview(file.read())
    place = 0
    while place < len(content):
        try:
            array, place = read_tensor(content, place)
        except (IndexError, OverflowError, struct.error, ValueError) as error:
            raise ValueError(f"{path} is no file of variables that Paddle 1.8 wrote: {error}") from error
        yield array


def read_tensor(content, place):
    """Return the tensor that begins at a place of a file's content, and where it ends."""
    version, levels = read_number("<I", content, place), read_number("<Q", content, place + 4)
    if version != 0:
        raise ValueError(f"its version is {version}, which is not known")
    place += 12
    for _ in range(levels):
        place += 8 + read_number("<Q", content, place)
    length = read_number("<i", content, place + 4)
    kind, shape = parse_description(take(content, place + 8, length))
    if kind not in TYPES:
        raise ValueError(f"it holds a tensor of unknown type {kind}")
    dtype, place = np.dtype(TYPES[kind]), place + 8 + length
    size = math.prod(shape) * dtype.itemsize
    return np.frombuffer(bytes(take(content, place, size)), dtype).reshape(shape), place + size


def take(content, place, count):
    if count < 0 or place + count > len(content):
        raise ValueError("it ends before its last variable does")
    return content[place : place + count]


def read_number(layout, content, place):
    return struct.unpack(layout, take(content, place, struct.calcsize(layout)))[0]


def parse_description(message):
    """Return type and shape of a protobuf message with the type as field 1 and the lengths as fields 2."""
    kind, shape, place = None, [], 0
    while place < len(message):
        key, place = parse_varint(message, place)
        if key & 7 == 2:  # lengths packed into one field
            end, place = parse_varint(message, place)
            end += place
            while place < end:
                length, place = parse_varint(message, place)
                shape.append(length)
            continue
        value, place = parse_varint(message, place)
        if key >> 3 == 1:
            kind = value
        else:
            shape.append(value)
    return kind, shape


def parse_varint(message, place):
    """Return a number of seven bits a byte, the least first, and where the next one begins."""
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place
