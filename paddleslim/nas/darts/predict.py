"""Predictions with a trained network, from Python."""

from __future__ import annotations

import pathlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .networks.predictor import Predictor

__all__ = ["load_trained"]


def load_trained(run: str | pathlib.Path, device: str = "cpu") -> Predictor:
    """Return the `Predictor` in a folder of `retrain` or of `export`, which prepares pictures as the training did.

    Args:
        run: the folder.
        device: where to compute: 'cpu', 'gpu' or 'gpu:N'.

    Raises:
        OSError: a file is missing.
        ValueError: a file is damaged, or of something else.

    Example:
        >>> load_trained("runs/trained").predict(["cat.jpg"])[0].class_name
    """
    from .commands.trained import load_trained as load  # only here, since a search needs nothing of it

    return load(run, device)
