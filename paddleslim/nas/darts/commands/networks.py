"""Networks in the folders of `retrain`."""

from __future__ import annotations

import dataclasses
import math
import shlex

import click

from ....common.visible import visible
from ..data.pictures import Preparation
from ..retrain.settings import RetrainSettings
from ..state.schema import NUMBER
from ..state.sealed_json import read_object
from .completion import is_run
from .lookup import RECORDED, check_recorded_space, find_genotype, find_space

__all__ = ["check_image_shape", "load_network", "make_preparation", "read_settings", "warn_of_cut"]

WEIGHTS = ("network.safetensors", "network.pdparams")  # of this release, and of the one before
LARGEST = 2**26  # numbers in an image
SETTINGS = {
    **RECORDED,
    "image_shape": [int],
    "class_names": [str],
    "mean": [NUMBER],
    "std": [NUMBER],
}


def load_network(run, space=None):
    """Return the trained network in the folder `run` of `retrain`, in evaluation mode, and the run's settings.

    One whose training was cut off is that of its latest epoch; a warning on the terminal says so.

    Args:
        run: the folder.
        space: the search space as the command line names it; that of the settings if None.

    Raises:
        OSError: a file is missing.
        ValueError: a file is damaged, or of something else, or names code that is not run.
    """
    if not run.is_dir():
        raise FileNotFoundError(f"{run} is no folder; name one that `retrain` made")
    weights = next((run / name for name in WEIGHTS if (run / name).is_file()), run / WEIGHTS[0])
    for path in (run / "settings.json", run / "genotype.json", weights):
        if not path.is_file():
            raise FileNotFoundError(f"{run} holds no {path.name}; {suggest_run(run)}")
    recorded, settings = read_settings(run / "settings.json")
    from ..retrain import build_network
    from ..state.weights_file import read_weights
    from ..training.device import on_device

    builders = find_space(space or check_recorded_space(recorded["space"], run)).builders
    shape, num_classes = recorded["image_shape"], len(recorded["class_names"])
    state, about = read_weights(weights)
    recorded["trained_epochs"] = about.get("epochs")
    check_sizes(recorded, settings, state, weights)
    finish = f"`paddleslim-darts retrain --resume --save-dir {shlex.quote(str(run))}` finishes it"
    warn_of_cut(run, about.get("epochs"), settings.epochs, finish)
    with on_device("cpu"):
        network = build_network(find_genotype(str(run)), shape, num_classes, settings, builders)
        check_state(network, state, weights)
        network.set_state_dict(state)
    network.eval()
    return network, recorded


def suggest_run(run):
    """Return what to do instead of taking the folder `run` for one of `retrain`."""
    if is_run(run, ("search",), exports=False):
        return f"it is of a search; `paddleslim-darts retrain {shlex.quote(str(run))}` trains what that found"
    return "name a folder that `retrain` made"


def warn_of_cut(run, done, wanted, remedy):
    """Say on the terminal that the training of a network was cut off, if it was."""
    if isinstance(done, int) and isinstance(wanted, int) and done < wanted:
        text = (
            f"Warning: the training of {run} was cut off after {done} of {wanted} epochs, and this is the network of "
            f"then; {remedy}"
        )
        click.echo(visible(text), err=True)


def read_settings(path):
    """Return what the settings of a retraining hold, and its `RetrainSettings`.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is damaged, or of something else.
    """
    names = [field.name for field in dataclasses.fields(RetrainSettings)]
    recorded = read_object(path, {**SETTINGS, **dict.fromkeys(names, object)})
    try:
        settings = RetrainSettings(**{name: recorded[name] for name in names})
        shape = recorded["image_shape"]
        check_image_shape(shape, recorded["class_names"])
        if len(recorded["mean"]) != shape[0] or len(recorded["std"]) != shape[0] or 0 in recorded["std"]:
            raise ValueError(f"`mean` and `std` must hold a number for each of {shape[0]} channels, `std` none of 0")
        make_preparation(recorded.get("preparation"), shape)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path} is damaged or of something else: {error}") from error
    return recorded, settings


def check_image_shape(shape, class_names):
    """Raise a ValueError unless there can be images `[channels, height, width]` of these classes."""
    if len(shape) != 3 or not all(shape) or min(shape) < 1 or math.prod(shape) > LARGEST or not class_names:
        raise ValueError(f"images of shape {shape} of {len(class_names)} classes cannot be")


def make_preparation(recorded, shape):
    """Return the recorded `Preparation` of images of a shape, None if there is none.

    Raises:
        TypeError, ValueError: it is none, or one of images of another shape.
    """
    if recorded is None:
        return None
    preparation = Preparation(**recorded)
    if preparation.shape != list(shape):
        raise ValueError(f"`preparation` is of images of shape {preparation.shape}, the network's are of {list(shape)}")
    return preparation


def check_sizes(recorded, settings, state, path):
    """Raise a ValueError if a network of these settings has more channels or layers than the file at `path` holds.

    So none is built that its weights cannot be of, whatever the settings ask for.
    """
    widest = max((max(array.shape, default=0) for array in state.values()), default=0)
    if max(settings.channels, recorded["image_shape"][0]) > widest or settings.layers > len(state):
        raise ValueError(
            f"{path} is not of these settings: a network of {settings.layers} cells from {settings.channels} channels "
            f"on, for images of shape {recorded['image_shape']}, is larger than the one there"
        )


def check_state(network, state, path):
    """Raise a ValueError unless the arrays in the file at `path` are those of the network."""
    own = network.state_dict()
    lacking, unknown = sorted(set(own) - set(state)), sorted(set(state) - set(own))
    if lacking or unknown:
        raise ValueError(f"{path} is not of this genotype: it lacks {lacking[:3]}, has {unknown[:3]}")
    for name, array in state.items():
        if list(array.shape) != list(own[name].shape):
            raise ValueError(
                f"{path} is not of this network: `{name}` is of shape {list(array.shape)} there and "
                f"{list(own[name].shape)} here"
            )
