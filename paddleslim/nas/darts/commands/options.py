"""Options that several commands share, and where else than on the command line they come from."""

from __future__ import annotations

import pathlib

import click
import yaml

from ..data import DATASETS, load_dataset
from ..training.device import name_device, on_device
from ..training.precision import AMP_TYPES

__all__ = [
    "COUNT",
    "FACTOR",
    "POSITIVE",
    "RATE",
    "amp_option",
    "common_options",
    "data_options",
    "device_option",
    "load_chosen",
    "read_config",
]

POSITIVE = click.IntRange(min=1)
COUNT = click.IntRange(min=0)
RATE = click.FloatRange(min=0, min_open=True)
FACTOR = click.FloatRange(min=0, max=1, max_open=True)
DATA = ("data", "data_dir", "image_size", "limit")


def data_options(command):
    """Add the options that choose a data set; each is None where it was not given."""
    decorators = [
        click.option(
            "--data",
            metavar="NAME|DIR|FILE",
            help=f"One of {', '.join(DATASETS)}; or a folder with a "
            "sub-folder of images for each class; or a .npz file of numpy arrays.  [default: digits]",
        ),
        click.option(
            "--data-dir",
            type=click.Path(path_type=pathlib.Path),
            help="Folder that holds the files of "
            "MNIST, Fashion-MNIST or CIFAR as published.  [default: Paddle downloads them]",
        ),
        click.option("--image-size", type=POSITIVE, help="Height and width for a folder of images.  [default: 32]"),
        click.option(
            "--limit",
            type=click.IntRange(min=50),
            help="Use so many training images, and a fifth as many to test on.  [default: all]",
        ),
    ]
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def check_device(context, parameter, device):
    """Return the device string, or raise a BadParameter unless this Paddle can compute there."""
    try:
        with on_device(name_device(device)):
            return device
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from error


device_option = click.option(
    "--device", default="cpu", callback=check_device, help="Where to compute: cpu, gpu or gpu:N."
)


amp_option = click.option(
    "--amp", type=click.Choice(AMP_TYPES), help="Mixed precision, on a GPU of 2020 or newer.  [default: float32]"
)


def common_options(command):
    """Add the options of every command that computes."""
    decorators = [
        click.option("--seed", type=COUNT, default=0, help="The same seed gives the same result on the same machine."),
        device_option,
        click.option(
            "--config",
            type=click.Path(dir_okay=False),
            is_eager=True,
            expose_value=False,
            callback=read_config,
            help="YAML file of these options; those of the command line go before it.",
        ),
    ]
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def read_config(context, parameter, path):
    """Take the options in the YAML file at `path` as defaults; its keys are their names, with dashes or underscores."""
    if path is None:
        return
    try:
        content = yaml.safe_load(pathlib.Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}", context, parameter) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise click.BadParameter(f"{path} holds no YAML: {' '.join(str(error).split())}", context, parameter) from error
    if not isinstance(content, dict):
        raise click.BadParameter(f"{path} should hold lines like `epochs: 10`", context, parameter)
    known = {option.name: option for option in context.command.params if option.name != parameter.name}
    defaults = {}
    for key, value in content.items():
        name = str(key).replace("-", "_")
        if name not in known:
            names = ", ".join(sorted(n.replace("_", "-") for n in known))
            raise click.BadParameter(
                f"{path}: `{key}` is no option of this command; they are {names}", context, parameter
            )
        defaults[name] = value
    context.default_map = {**(context.default_map or {}), **defaults}


def load_chosen(options, recorded=None):
    """Return the `Dataset` that the options name, and the choice itself; what they leave open is as `recorded`."""
    recorded = recorded or {}
    choice = {name: options[name] if options.get(name) is not None else recorded.get(name) for name in DATA}
    choice["data"] = choice["data"] or "digits"
    choice["image_size"] = choice["image_size"] or 32
    if choice["data"] not in DATASETS and pathlib.Path(choice["data"]).exists():
        choice["data"] = str(pathlib.Path(choice["data"]).resolve())  # found again from elsewhere
    if choice["data_dir"] is not None:
        choice["data_dir"] = str(pathlib.Path(choice["data_dir"]).resolve())
    dataset = load_dataset(choice["data"], choice["data_dir"], choice["image_size"], choice["limit"])
    return dataset, choice
