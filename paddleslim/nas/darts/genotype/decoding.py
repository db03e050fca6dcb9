"""Genotypes of a user's own type, as `encoding` said them.

Nothing is run that a file names: a class is one of those of a genotype that the program has made itself, or is
defined beside these in their module, and is not called.
"""

from __future__ import annotations

import collections
import datetime
import enum
from typing import Any

import numpy as np

from ....common.one_line import one_line
from .attributes import classes_in, find_class, is_own_class, make_object
from .encoding import BINARY, FACTORIES, MAPPINGS, SEQUENCES, WRITTEN

__all__ = ["decode"]

READERS = {kind.__name__: read for kind, read in WRITTEN.items()}


def decode(said: Any, like: Any = None, missing: set[str] | None = None) -> Any:
    """Return the value that `encode` said.

    Args:
        said: what JSON says.
        like: a value that holds objects of the classes that are sought; one of another class comes back as its text.
        missing: is given the names of the classes that were not found.

    Raises:
        ValueError: it says none.
    """
    try:
        return Decoder(classes_in(like), set() if missing is None else missing).read(said)
    except (ArithmeticError, AttributeError, LookupError, MemoryError, RecursionError, TypeError) as error:
        raise ValueError(f"it says no value ({type(error).__name__}: {one_line(error)})") from error


class Decoder:
    """Read what `encode` said.

    Args:
        classes: of the user's own that are known.
        missing: a set for the names of those that are not.
    """

    def __init__(self, classes, missing):
        self.classes, self.missing = classes, missing

    def read(self, said):
        if not isinstance(said, dict):
            return said
        for name, read in {**KINDS, "of": Decoder.read_own}.items():
            if name in said:
                return read(self, said)
        raise ValueError(f"no value is said by {', '.join(said) or 'nothing'}")

    def parts(self, said):
        return [self.read(part) for part in said]

    def items(self, said):
        return [(self.read(key), self.read(part)) for key, part in said]

    def read_objects(self, said):
        array = np.empty(len(said["objects"]), object)
        for i, part in enumerate(said["objects"]):
            array[i] = self.read(part)
        return array.reshape(said["shape"])

    def read_tensor(self, said):
        import paddle  # late, for commands that need no network

        return paddle.to_tensor(read_array(said["tensor"]), said["dtype"])

    def read_own(self, said):
        """Return an object or a member of an enumeration of the user's own; its text if its class is not found."""
        kind = find_class(said["module"], said["of"], self.classes)
        if kind is not None and issubclass(kind, enum.Enum) and "object" not in said:
            return kind[said["member"]] if "member" in said else kind(said["flags"])
        if kind is None or "object" not in said or not is_own_class(kind):
            self.missing.add(said["of"])
            return said["text"]
        attributes = {name: self.read(part) for name, part in said["object"].items()}
        return make_object(kind, self.read(said["content"]), attributes)


def read_array(said):
    if "raw" in said:
        array = np.frombuffer(bytes.fromhex(said["raw"]), said["dtype"]).reshape(said["shape"]).copy()
    else:
        array = np.array(said["array"], said["dtype"]).reshape(said["shape"])
    return array[()] if said["scalar"] else array


def read_default(decoder, said):
    return collections.defaultdict(FACTORIES.get(said["factory"]), decoder.items(said["defaultdict"]))


def read_binary(name, kind):
    return lambda decoder, said: kind.fromhex(said[name])


def read_group(name, make):
    return lambda decoder, said: make(decoder.parts(said[name]))


def read_mapping(name, make):
    return lambda decoder, said: make(dict(decoder.items(said[name])))


KINDS: dict[str, Any] = {
    "objects": Decoder.read_objects,
    "tensor": Decoder.read_tensor,
    "raw": lambda decoder, said: read_array(said),
    "array": lambda decoder, said: read_array(said),
    "range": read_group("range", lambda parts: range(*parts)),
    "slice": read_group("slice", lambda parts: slice(*parts)),
    "ellipsis": lambda decoder, said: Ellipsis,
    "timedelta": read_group("timedelta", lambda parts: datetime.timedelta(*parts)),
    "written": lambda decoder, said: READERS[said["written"]](said["text"]),
    "deque": lambda decoder, said: collections.deque(decoder.parts(said["deque"]), said["maxlen"]),
    "defaultdict": read_default,
    **{name: read_binary(name, kind) for name, kind in BINARY.items()},
    **{name: read_group(name, make) for name, make in SEQUENCES.items()},
    **{name: read_mapping(name, make) for name, make in MAPPINGS.items()},
}
