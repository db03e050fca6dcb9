"""Networks in the folders of `retrain`."""

from __future__ import annotations

import dataclasses
import pickle

import paddle

from ..retrain import RetrainSettings, build_network
from ..training.device import on_device
from .lookup import find_genotype, find_space
from .run_folder import read_json

__all__ = ["load_network"]


def load_network(run):
    """Return the trained network in the folder `run` of `retrain`, in evaluation mode, and the run's settings.

    Raises:
        OSError: a file is missing.
        ValueError: a file is damaged, or of something else.
    """
    for name in ("settings.json", "genotype.json", "network.pdparams"):
        if not (run / name).is_file():
            raise FileNotFoundError(f"{run} holds no {name}; name a folder that `retrain` made")
    recorded = read_json(run / "settings.json")
    names = [field.name for field in dataclasses.fields(RetrainSettings)]
    settings = RetrainSettings(**{name: recorded[name] for name in names})
    builders = find_space(recorded["space"]).builders
    shape, num_classes = recorded["image_shape"], len(recorded["class_names"])
    with on_device("cpu"):
        network = build_network(find_genotype(str(run)), shape, num_classes, settings, builders)
        state = read_state(run / "network.pdparams")
        missing, unexpected = network.set_state_dict(state)
    if missing or unexpected:
        raise ValueError(
            f"{run / 'network.pdparams'} is not of this genotype: it lacks {missing[:3]}, has {unexpected[:3]}"
        )
    network.eval()
    return network, recorded


def read_state(path):
    """Return the state dict in the file, or raise a ValueError if it is damaged."""
    try:
        state = paddle.load(str(path))
    except (pickle.UnpicklingError, EOFError, ValueError, RuntimeError) as error:
        raise ValueError(f"{path} is damaged ({type(error).__name__}); retrain the network") from error
    if not isinstance(state, dict):
        raise ValueError(f"{path} holds no weights; retrain the network")
    return state
