"""Variables as Paddle 1.8 wrote them into files of their own: `fluid.io.save_vars`, `save_params`, `save_persistables`.

A file is one tensor after the other: version (uint32), the lengths of sequences (the number of levels as uint64, then
the size of each as uint64 and its bytes), version (uint32), length of the description (int32), the description (a
protobuf message), the elements.
"""

from __future__ import annotations

import struct

import numpy as np

__all__ = ["read_tensors"]

# The numbers of the types in a description.
TYPES = dict(enumerate(("bool", "int16", "int32", "int64", "float16", "float32", "float64")))
TYPES.update({20: "uint8", 21: "int8"})


def read_tensors(path):
    """Yield the arrays of a file.

    Raises:
        ValueError: the file is none of tensors, or ends early.
    """
    with open(path, "rb") as file:
        while head := file.read(4):
            if head != bytes(4):
                raise ValueError(f"{path} is no file of variables that Paddle 1.8 wrote")
            for _ in range(read_number(file, "<Q", path)):
                file.seek(read_number(file, "<Q", path), 1)
            read_number(file, "<I", path)
            kind, shape = parse_description(file.read(read_number(file, "<i", path)))
            if kind not in TYPES:
                raise ValueError(f"{path} holds a tensor of unknown type {kind}")
            array = np.frombuffer(take(file, int(np.prod(shape)) * np.dtype(TYPES[kind]).itemsize, path), TYPES[kind])
            yield array.reshape(shape)


def take(file, count, path):
    data = file.read(count)
    if len(data) != count:
        raise ValueError(f"{path} ends before its last variable does")
    return data


def read_number(file, layout, path):
    return struct.unpack(layout, take(file, struct.calcsize(layout), path))[0]


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
