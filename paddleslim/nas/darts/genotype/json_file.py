"""Genotypes in files."""

from __future__ import annotations

import json

from ....common.paths import own_path
from ..state.schema import check_shape
from ..state.sealed_json import check_seal, parse, write_object
from .decoding import decode
from .encoding import encode
from .genotype import Genotype
from .known import as_genotype
from .nas_bench_201 import NASBench201Genotype
from .readable import as_plain
from .written import as_our_type

__all__ = ["describe_genotype", "read_genotype", "recall_genotype", "write_genotype"]

EDGES = [[(str, int)]]
SHAPE = {"normal": EDGES, "reduce": EDGES, "normal_concat": [int], "reduce_concat": [int]}


def describe_genotype(genotype):
    """Return a genotype in what JSON can say.

    One of ours is as its `to_json` says; one of the user's own, and one of ours whose fields are of other types, is
    there for people as `genotype`, and as `own` with its types, see `encode`.

    Raises:
        ValueError: it holds what could not come back.
    """
    if genotype is None or type(genotype) in (str, NASBench201Genotype):
        return genotype if genotype is None else str(genotype)
    if type(genotype) is Genotype:
        described = as_json(genotype)
        if described and repr(recall_genotype(described)) == repr(genotype):
            return described
    return {"genotype": as_plain(genotype), "own": encode(genotype)}


def as_json(genotype):
    """Return what the JSON of a `Genotype` says; None where its fields are of other types."""
    try:
        text = genotype.to_json()
        Genotype.from_json(text)
    except (TypeError, ValueError):
        return None
    return json.loads(text)


def recall_genotype(described, like=None, missing=None):
    """Return the genotype that `describe_genotype` described; of a type that is not `like`'s and no plain one its text.

    Args:
        described: what JSON says.
        like: a genotype of the type that is sought, whose classes make it again.
        missing: a set that is given the names of the classes that were not found.
    """
    if isinstance(described, dict) and "own" in described:
        return decode(described["own"], (Genotype([], [], [], []), like), missing)
    if isinstance(described, dict):
        return Genotype.from_json(json.dumps(described))
    if not isinstance(described, str) or not described.startswith("|") or type(like) is str:
        return described
    try:
        return as_genotype(described)
    except ValueError:
        return described  # a text of the user's own that begins so


def write_genotype(path, genotype):
    """Write a genotype as a JSON object with its checksum: the fields of a `Genotype`, or `genotype`, a string.

    Raises:
        ValueError: it holds what could not come back.
    """
    described = describe_genotype(genotype)
    if type(genotype) is Genotype and "own" in described:  # numbers of numpy, or lists where ours are ranges
        described = as_json(as_our_type(genotype)) or described
    write_object(path, described if isinstance(described, dict) else {"genotype": str(genotype)})


def read_genotype(path):
    """Return the genotype in a file of `write_genotype`: a `Genotype`, a string, or one of a user's own type.

    Of such a one containers, numbers and texts are what they were; objects of the user's own classes are texts. A file
    that people or other programs wrote needs no checksum, and may be a string alone.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds no genotype.
    """
    try:
        found = parse(own_path(path).read_bytes())
        if isinstance(found, str):
            return recall_genotype(found)
        if isinstance(found, dict):
            check_seal(found)
            if "own" in found:
                return recall_genotype(found)
            if isinstance(found.get("genotype"), str):
                return recall_genotype(found["genotype"])
            if all(name in found for name in SHAPE):
                check_shape(found, SHAPE)
        return Genotype.from_json(json.dumps(found))
    except ValueError as error:
        raise ValueError(f"{path} holds no genotype: {error}") from error
