"""Genotypes in files."""

from __future__ import annotations

import dataclasses
import json
import pathlib

import numpy as np

from ..state.atomic_file import write_atomically
from ..state.schema import check_shape
from ..state.sealed_json import check_seal, parse, write_object
from .genotype import Genotype
from .known import as_genotype, is_known

__all__ = ["describe_genotype", "read_genotype", "recall_genotype", "write_genotype"]

EDGES = [[(str, int)]]
SHAPE = {"normal": EDGES, "reduce": EDGES, "normal_concat": [int], "reduce_concat": [int]}


def describe_genotype(genotype):
    """Return a genotype in what JSON can say.

    One of a known type is as its `to_json` says; dictionaries, lists, tuples, named tuples and dataclasses of texts and
    numbers keep their types; any other is its text.
    """
    if is_known(genotype):
        return json.loads(genotype.to_json())
    if genotype is None or isinstance(genotype, str):
        return genotype
    return {"own": encode(genotype)}


def recall_genotype(described, like=None):
    """Return the genotype that `describe_genotype` described; of a type that is not `like`'s and no plain one its text.

    Args:
        described: what JSON says.
        like: a genotype of the type that is sought, a named tuple or a dataclass, whose class makes it again.
    """
    if isinstance(described, dict) and set(described) == {"own"}:
        return decode(described["own"], type(like))
    if isinstance(described, dict):
        return Genotype.from_json(json.dumps(described))
    return as_genotype(described) if isinstance(described, str) and described.startswith("|") else described


def write_genotype(path, genotype):
    """Write a genotype as JSON: a `Genotype` as an object, what another space calls so as its string."""
    described = describe_genotype(genotype)
    if isinstance(described, dict):
        write_object(path, described)
    else:
        write_atomically(path, (json.dumps(str(genotype)) + "\n").encode())


def read_genotype(path):
    """Return the genotype in a file of `write_genotype`: a `Genotype` or a string.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds no genotype.
    """
    try:
        found = parse(pathlib.Path(path).read_bytes())
        if isinstance(found, str):
            return recall_genotype(found)
        if isinstance(found, dict):
            check_seal(found)
            if all(name in found for name in SHAPE):
                check_shape(found, SHAPE)
        return Genotype.from_json(json.dumps(found))
    except ValueError as error:
        raise ValueError(f"{path} holds no genotype: {error}") from error


def encode(value):
    """Return a value and its types in what JSON can say."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return encode_record(value, {f.name: getattr(value, f.name) for f in dataclasses.fields(value)})
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return encode_record(value, value._asdict())
    if isinstance(value, dict):
        return {"dict": [[encode(key), encode(part)] for key, part in value.items()]}
    if isinstance(value, (list, tuple)):
        return {"tuple" if isinstance(value, tuple) else "list": [encode(part) for part in value]}
    return {"text": str(value)}


def encode_record(value, fields):
    parts = {name: encode(part) for name, part in fields.items()}
    return {"record": type(value).__name__, "fields": parts, "text": str(value)}


def decode(said, kind):
    """Return the value that `encode` said; a record is made by `kind` if that has its name, and is a text if not."""
    if not isinstance(said, dict):
        return said
    if "record" in said:
        if kind.__name__ != said["record"]:
            return said["text"]
        return kind(**{name: decode(part, kind) for name, part in said["fields"].items()})
    if "dict" in said:
        return {decode(key, kind): decode(part, kind) for key, part in said["dict"]}
    if "text" in said:
        return said["text"]
    return tuple(decode(p, kind) for p in said["tuple"]) if "tuple" in said else [decode(p, kind) for p in said["list"]]
