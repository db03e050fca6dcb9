"""The files that a run writes into its folder, what a killed one left of them half-written, and which must stay."""

from __future__ import annotations

import pathlib

from .atomic_file import clear_unfinished

__all__ = ["clear_run", "is_of_run"]

OF_RUN = (
    *("settings.json", "history.json", "result.json", "evaluations.json", "genotype.json", "seeds.json"),
    *("recording.json", "report.html", "search.gif", "network.safetensors", "network.pdparams"),
)
OF_EPOCH = ("genotype.json", "params.pdparams")  # in folders with the numbers of epochs
OF_OTHERS = ("genotype.png", "description.json", "model.json", "judge.json", "table.json", "study.json")
ENDINGS = (".safetensors", ".pdparams", ".pdiparams", ".pdmodel", ".onnx", ".log")  # weights, models and logs
MARKS = ("settings.json", "description.json", "judge.json")  # one of which a folder of results has


def clear_run(folder):
    """Remove what killed runs left half-written in `folder`, of all files but checkpoints; hold its lock meanwhile."""
    clear_unfinished(folder, OF_RUN)
    for of_epoch in pathlib.Path(folder).glob("[0-9]*"):
        if of_epoch.name.isdecimal():
            clear_unfinished(of_epoch, OF_EPOCH)


def is_of_run(path):
    """Whether there is a file at `path` that a run, an export or a judgement has written, to be spared by others."""
    path = pathlib.Path(path).resolve()
    if not path.is_file() or not (path.name in OF_RUN + OF_EPOCH + OF_OTHERS or path.suffix in ENDINGS):
        return False
    return any((folder / mark).is_file() for folder in list(path.parents)[:2] for mark in MARKS)
