"""The files that a run writes into its folder, and what a run that was killed left of them half-written."""

from __future__ import annotations

import pathlib

from .atomic_file import clear_unfinished

__all__ = ["clear_run"]

OF_RUN = (
    *("settings.json", "history.json", "result.json", "genotype.json", "seeds.json"),
    *("recording.json", "report.html", "search.gif", "network.safetensors", "network.pdparams"),
)
OF_EPOCH = ("genotype.json", "params.pdparams")  # in folders with the numbers of epochs


def clear_run(folder):
    """Remove what killed runs left half-written in `folder`, of all files but checkpoints; hold its lock meanwhile."""
    clear_unfinished(folder, OF_RUN)
    for of_epoch in pathlib.Path(folder).glob("[0-9]*"):
        if of_epoch.name.isdecimal():
            clear_unfinished(of_epoch, OF_EPOCH)
