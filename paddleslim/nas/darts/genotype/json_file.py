"""Genotypes in files."""

from __future__ import annotations

import json
import pathlib

from ..state.atomic_file import write_atomically
from ..state.schema import check_shape
from ..state.sealed_json import check_seal, parse, write_object
from .genotype import Genotype
from .known import as_genotype, is_known

__all__ = ["describe_genotype", "read_genotype", "recall_genotype", "write_genotype"]

EDGES = [[(str, int)]]
SHAPE = {"normal": EDGES, "reduce": EDGES, "normal_concat": [int], "reduce_concat": [int]}


def describe_genotype(genotype):
    """Return a genotype in what JSON can say: one of a known type as its `to_json` does, any other as its text."""
    if is_known(genotype):
        return json.loads(genotype.to_json())
    return None if genotype is None else str(genotype)


def recall_genotype(described):
    """Return the genotype that `describe_genotype` described; of a user's own type its text."""
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
