"""Genotypes in files."""

from __future__ import annotations

import json
import pathlib

from ..state.atomic_file import write_atomically
from .derivation import Genotype

__all__ = ["describe_genotype", "read_genotype", "recall_genotype", "write_genotype"]


def describe_genotype(genotype):
    """Return a genotype in what JSON can say: a `Genotype` as a dictionary, None as None, any other as its text."""
    if isinstance(genotype, Genotype):
        return {name: list(value) for name, value in genotype._asdict().items()}
    return None if genotype is None else str(genotype)


def recall_genotype(described):
    """Return the genotype that `describe_genotype` described; of a user's own type its text."""
    return Genotype.from_json(json.dumps(described)) if isinstance(described, dict) else described


def write_genotype(path, genotype):
    """Write a genotype as JSON: a `Genotype` as an object, what another space calls so as its string."""
    text = genotype.to_json() if isinstance(genotype, Genotype) else json.dumps(str(genotype))
    write_atomically(path, (text + "\n").encode())


def read_genotype(path):
    """Return the genotype in a file of `write_genotype`: a `Genotype` or a string.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds no genotype.
    """
    text = pathlib.Path(path).read_text(encoding="utf-8")
    try:
        fields = json.loads(text)
        return fields if isinstance(fields, str) else Genotype.from_json(text)
    except ValueError as error:
        raise ValueError(f"{path} holds no genotype: {error}") from error
