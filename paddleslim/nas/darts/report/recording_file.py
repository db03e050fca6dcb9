"""A recording as a file."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from ....common.types import FilePath
from ..genotype.genotype import Genotype
from ..state.schema import ANY, NUMBER, Each, check_shape
from ..state.sealed_json import read_object, write_object
from .recording import EpochRecord, Recording

__all__ = ["describe_recording", "read_recording", "write_recording"]

FORMAT = 1
RECORD = {
    "epoch": int,
    "seconds": NUMBER,
    "genotype": (dict, str),
    "strengths": Each([[NUMBER]]),
    "figures": Each(NUMBER),
}
SHAPE = {
    "title": str,
    "settings": Each((str, bool, *NUMBER, type(None))),
    "versions": Each(str),
    "operations": Each([[str]]),
    "num_epochs": int,
    "epochs": [RECORD],
    "state": str,
}
# What `about` may hold; each may be absent.
ABOUT = {
    "next": str,
    "selected": bool,
    "network": Each(NUMBER),
    "classes": {"names": [str], "counts": Each([int])},
    "random": {"own": NUMBER, "random": [NUMBER]},
}


def describe_recording(recording: Recording) -> dict[str, Any]:
    """Return a `Recording` in what JSON can hold."""
    fields = dataclasses.asdict(recording)
    for record, epoch in zip(fields["epochs"], recording.epochs):
        is_cells = isinstance(epoch.genotype, Genotype)
        record["genotype"] = json.loads(epoch.genotype.to_json()) if is_cells else str(epoch.genotype)
    return {"format": FORMAT, **fields}


def write_recording(path: FilePath, recording: Recording) -> None:
    """Write a `Recording` as JSON; a reader of the file never finds half of it."""
    write_object(path, describe_recording(recording), indent=None)


def check_about(about: Any) -> None:
    """Raise a ValueError unless what is known beside the epochs is of the shapes that pages show."""
    check_shape(about, Each(ANY), "about")
    for name, shape in ABOUT.items():
        if name in about:
            check_shape(about[name], shape, f"about.{name}")
    classes = about.get("classes", {"names": [], "counts": {}})
    for part, counts in classes["counts"].items():
        if len(counts) != len(classes["names"]):
            raise ValueError(f"`about.classes.counts.{part}` are not of {len(classes['names'])} classes")


def check_cells(fields: dict[str, Any]) -> None:
    """Raise a ValueError unless all epochs have the cells of the first, and they are in order."""
    shapes = {cell: [len(edge) for edge in edges] for cell, edges in fields["operations"].items()}
    for number, record in enumerate(fields["epochs"]):
        for cell in {**shapes, **record["strengths"]}:
            if [len(edge) for edge in record["strengths"].get(cell, ())] != shapes.get(cell, ()):
                raise ValueError(f"`epochs[{number}].strengths` are not of the operations of cell `{cell}`")
    numbers = [record["epoch"] for record in fields["epochs"]]
    if not numbers or numbers != sorted(set(numbers)):
        raise ValueError(f"`epochs` must be in order, each once, got {numbers[:10]}")


def read_recording(path: FilePath) -> Recording:
    """Return the `Recording` in a file of `write_recording`.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no recording, or one of a newer format.
    """
    try:
        fields = read_object(path, {"format": int})
        if fields.pop("format") != FORMAT:
            raise ValueError(f"expected format {FORMAT}; it was written by another version of paddleslim")
        check_shape(fields, SHAPE)
        check_cells(fields)
        check_about(fields.setdefault("about", {}))
        epochs = [EpochRecord(**record) for record in fields.pop("epochs")]
        for record in epochs:
            if isinstance(record.genotype, dict):
                record.genotype = Genotype.from_json(json.dumps(record.genotype))
        return Recording(**fields, epochs=epochs)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} holds no recording of a search: {type(error).__name__}: {error}") from error
