"""Trained networks from the folders of `retrain` and `export`, ready for predictions."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib

import numpy as np
import paddle

from ....common.paths import own_path
from ..data.pictures import Preparation
from ..networks.export import Deployed, quiet
from ..networks.predictor import Predictor
from ..state.sealed_json import read_object
from ..training.device import name_device, on_device
from .networks import check_image_shape, load_network, make_preparation, warn_of_cut

__all__ = ["describe_export", "load_trained"]

READ = (".json", ".pdmodel", ".pdiparams")  # what `paddle.jit.load` reads
COUNT = (int, type(None))
DESCRIPTION = {
    "training": {"epochs": COUNT, "of": COUNT},
    "input": {"shape": [COUNT]},
    "output": {"classes": [str]},
    "preparation": (dict, type(None)),
}
HOW_TO_PREPARE = (
    "turn by EXIF, put transparent parts on white, divide 16 bits of grey by 257, "
    "then Pillow's ImageOps.fit(picture, (width, height), Image.Resampling.BILINEAR)"
)


def load_trained(run, device="cpu", space=None):
    """Return the `Predictor` in a folder of `retrain` or of `export`.

    Args:
        run: the folder.
        device: where to compute: 'cpu', 'gpu' or 'gpu:N'.
        space: the search space of the run, where it is a file that is not in the folder you work in.

    Raises:
        OSError: a file is missing.
        ValueError: a file is damaged, or of something else.
    """
    run = own_path(run)
    if (run / "description.json").is_file():
        return load_export(run, device)
    network, recorded = load_network(run, space)
    shape, names = recorded["image_shape"], recorded["class_names"]
    preparation = make_preparation(recorded.get("preparation"), shape)
    with on_device(name_device(device)):
        deployed = Deployed(network, recorded["mean"], recorded["std"])
        deployed.to(name_device(device))
        deployed.eval()
    return Predictor(runner(deployed, device), shape, names, preparation)


def load_export(folder, device):
    """Return the `Predictor` of a folder of `export`."""
    path = folder / "description.json"
    try:
        description = read_object(path, DESCRIPTION)
        shape, names, preparation = description["input"]["shape"][1:], description["output"]["classes"], None
        check_image_shape(shape, names)
        if description["preparation"] is not None:
            known = [field.name for field in dataclasses.fields(Preparation)]
            preparation = make_preparation({name: description["preparation"][name] for name in known}, shape)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is damaged, or of an older release ({error}); export the network anew") from error
    check_files(folder, description.get("files"))
    training = description["training"]
    warn_of_cut(folder, training["epochs"], training["of"], "finish it, and export the network anew")
    with on_device(name_device(device)):
        try:
            model = paddle.jit.load(str(folder / "model"))
        except (RuntimeError, ValueError, SystemError) as error:
            raise ValueError(f"{folder / 'model'} cannot be read by Paddle {paddle.__version__}") from error
        model.eval()
    return Predictor(quiet_at_first(runner(model, device)), shape, names, preparation)


def check_files(folder, digests):
    """Raise unless the files of the model are those that were exported."""
    if not any((folder / f"model{ending}").is_file() for ending in (".json", ".pdmodel")):
        raise FileNotFoundError(f"{folder} holds no model.json or model.pdmodel; export the network anew")
    if not isinstance(digests, dict) or not any(name.startswith("model.") for name in digests):
        raise ValueError(
            f"{folder / 'description.json'} holds no checksums of the model, as an older release wrote it; export the "
            "network anew"
        )
    for path in sorted(folder.glob("model.*")):
        if path.suffix in READ and digest_file(path) != digests.get(path.name):
            raise ValueError(
                f"{path} is damaged, or not the model that was exported: its checksum is another; export the network "
                "anew"
            )


def digest_file(path):
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def runner(layer, device):
    """Return a function of arrays that computes `layer` on the device."""

    @paddle.no_grad()
    def run(image):
        with on_device(name_device(device)):
            return layer(paddle.to_tensor(np.ascontiguousarray(image))).numpy()

    return run


def quiet_at_first(run):
    """Return `run` without the log lines of the interpreter that Paddle starts for an exported model's first images."""
    first = iter([quiet])

    def call(image):
        with next(first, contextlib.nullcontext)():
            return run(image)

    return call


def describe_export(recorded, folder):
    """Return what `description.json` says of the exported model of a run with these settings, in `folder`."""
    shape, preparation = recorded["image_shape"], recorded.get("preparation")
    if preparation is not None:
        colours = Preparation(**preparation).colours
        preparation = {**preparation, "colours": colours, "range": [0, 255], "how": HOW_TO_PREPARE}
    return {
        "files": {path.name: digest_file(path) for path in sorted(folder.glob("model*"))},
        "training": {"epochs": recorded.get("trained_epochs"), "of": recorded.get("epochs")},
        "input": {
            "name": "image",
            "dtype": "float32",
            "shape": [None, *shape],
            "layout": "images, channels, height, width",
            "normalisation": "inside the model: give pixels in the range of the data set, not of mean 0",
            "mean": recorded["mean"],
            "std": recorded["std"],
        },
        "preparation": preparation,
        "output": {
            "name": "logits",
            "dtype": "float32",
            "shape": [None, len(recorded["class_names"])],
            "classes": recorded["class_names"],
            "meaning": "the largest is the class; softmax makes probabilities of them",
        },
    }
