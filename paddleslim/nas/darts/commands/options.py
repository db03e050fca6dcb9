"""Options that several commands share, and where else than on the command line they come from."""

from __future__ import annotations

import os
import pathlib

import click
from click.core import ParameterSource

from ....common.did_you_mean import did_you_mean
from ..data.datasets import DATASETS, check_source, load_dataset
from ..state.schema import shorten
from ..training.device_names import check_without_paddle
from ..training.precision import AMP_TYPES, check_amp
from .completion import DATA_NAME, Names
from .lookup import run_file
from .setting_options import FiniteRange, WholeRange
from .typed import remember_typed, suggest_path
from .yaml_file import read_yaml

__all__ = [
    "COUNT",
    "FACTOR",
    "POSITIVE",
    "RATE",
    "amp_option",
    "check_data",
    "check_precision",
    "common_options",
    "dashboard_options",
    "data_options",
    "device_option",
    "estimate_option",
    "load_chosen",
    "read_config",
    "recorded_space_option",
    "refuse_given",
    "refuse_idle",
    "run_data_options",
    "search_data_options",
    "transform_option",
    "worker_options",
]

POSITIVE = WholeRange(min=1)
COUNT = WholeRange(min=0)
RATE = FiniteRange(min=0, min_open=True)
FACTOR = FiniteRange(min=0, max=1, max_open=True)
DATA = ("data", "data_dir", "image_size", "limit", "skip_damaged")
DATA_DEFAULTS = ("digits", "Paddle downloads them", "32", "all")


class ImageSize(click.ParamType):
    """One number for height and width, or both as HEIGHTxWIDTH; in a file of options a list of two as well."""

    name = "SIZE"

    def convert(self, value, parameter, context):
        parts = value if isinstance(value, (list, tuple)) else str(value).lower().split("x")
        try:
            sizes = tuple(int(part) for part in parts)
        except ValueError:
            sizes = ()
        if len(sizes) not in (1, 2) or min(sizes) < 1:
            self.fail(f"{value!r} is no size; write one number, or HEIGHTxWIDTH such as 24x32", parameter, context)
        return sizes[0] if len(sizes) == 1 else sizes


def data_options(command):
    """Add the options that choose a data set; each is None where it was not given."""
    return add_data_options(command, DATA_DEFAULTS)


def run_data_options(command):
    """Do so for a command that takes from a run what is not given."""
    return add_data_options(command, ["that of the run"] * 4)


def search_data_options(command):
    """Do so for a command that takes from a search what is not given, if there is one."""
    return add_data_options(command, [f"that of the search; else {default}" for default in DATA_DEFAULTS])


def add_data_options(command, defaults):
    """Add the options, of whose defaults the help says this."""
    data, folder, size, limit = defaults
    decorators = [
        click.option(
            "--data",
            type=DATA_NAME,
            metavar="NAME|DIR|FILE",
            help=f"One of {', '.join(DATASETS)}; or a folder with a sub-folder of images for each class; or a .csv "
            f"table of paths and labels; or a .npz file of numpy arrays.  [default: {data}]",
        ),
        click.option(
            "--data-dir",
            type=click.Path(file_okay=False, path_type=pathlib.Path),
            help=f"Folder that holds the files of MNIST, Fashion-MNIST or CIFAR as published.  [default: {folder}]",
        ),
        click.option(
            "--image-size",
            type=ImageSize(),
            help="Size that the images of a folder or table are brought to: one number, or HEIGHTxWIDTH.  "
            f"[default: {size}]",
        ),
        click.option(
            "--skip-damaged",
            is_flag=True,
            default=None,
            show_default=False,
            help="Leave out images that cannot be read, with a warning, instead of stopping.",
        ),
        click.option(
            "--limit",
            type=WholeRange(min=50),
            help=f"Number of training images to use, with a fifth as many test images.  [default: {limit}]",
        ),
    ]
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def check_transform(ctx, param, text):
    """Return FILE.py:NAME as it was given, or refuse what is none before anything is read."""
    if text is not None:
        path, _, name = text.rpartition(":")
        if not path.endswith(".py") or not name:
            raise click.BadParameter(f"{text!r} should be FILE.py:NAME", ctx, param)
        if not pathlib.Path(path).is_file():
            raise click.BadParameter(f"there is no file {path}", ctx, param)
    return text


transform_option = click.option(
    "--transform",
    type=Names((), "file"),
    callback=check_transform,
    metavar="FILE.py:NAME",
    help="Function called NAME in FILE.py that changes each training image, such as a Compose of "
    "paddle.vision.transforms; it takes the place of crop and flip.",
)


recorded_space_option = click.option(
    "--space",
    type=Names((), "file"),
    metavar="FILE.py:NAME",
    help="Search space of the run. It has to be given where it is a Python file outside the folder you work in: "
    "code that a run names is not executed unasked.",
)


def worker_options(command):
    """Add the options that say where independent runs are computed, see `choose_executor`."""
    decorators = [
        click.option(
            "--workers",
            type=POSITIVE,
            help="Processes on this machine that share the runs.  [default: one for each core]",
        ),
        click.option(
            "--scheduler", metavar="ADDRESS", help="Address of a Dask cluster whose workers compute the runs instead."
        ),
    ]
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def check_device(context, parameter, device):
    """Return the device string, or raise a BadParameter unless this Paddle can compute there."""
    if device == "cpu":  # every Paddle can; others are asked, which takes its import
        return device
    try:
        check_without_paddle(device)
        from ..training.device import name_device, on_device

        name = name_device(device)
        with on_device(name):
            return name
    except ValueError as error:
        # `place` is Python's name of it
        raise click.BadParameter(str(error).replace("place is ", "it is ", 1), context, parameter) from error


device_option = click.option(
    "--device",
    type=Names(("cpu", "gpu")),
    default="cpu",
    metavar="cpu|gpu|gpu:N",
    callback=check_device,
    help="Where to compute: cpu, gpu or gpu:N.",
)


amp_option = click.option(
    "--amp", type=click.Choice(AMP_TYPES), help="Mixed precision, on a GPU of 2020 or newer.  [default: float32]"
)


def check_precision(amp, device):
    """Raise a ValueError unless the device can compute in the precision, see `check_amp`; None asks for nothing."""
    if amp is not None and device != "cpu":
        from ..training.device import name_device

        device = name_device(device)
    try:
        check_amp(amp, device)
    except ValueError as error:
        text = str(error).replace(" place is ", " --device is ").replace("eave amp out", "eave --amp out")
        raise ValueError(text) from error


def common_options(command):
    """Add the options of every command that computes."""
    decorators = [
        click.option(
            "--seed",
            type=COUNT,
            default=0,
            help="Seed of all random numbers; the same one gives the same result on the same machine.",
        ),
        device_option,
        click.option(
            "--config",
            type=click.Path(dir_okay=False),
            is_eager=True,
            expose_value=False,
            callback=read_config,
            help="YAML file of options, such as `epochs: 10`; those of the command line take precedence.",
        ),
    ]
    for decorator in reversed(decorators):
        command = decorator(command)
    return command


def dashboard_options(command):
    """Add the logs for dashboards."""
    for name, where in (("TensorBoard", "tensorboard"), ("VisualDL", "visualdl")):
        text = f"Write a log for {name} too, to {where}/ in the folder."
        command = click.option(f"--{where}", is_flag=True, help=text)(command)
    return command


estimate_option = click.option(
    "--estimate", is_flag=True, help="Take a few steps, say how much time and memory the whole run will take, and stop."
)


def read_config(context, parameter, path):
    """Take the options in the YAML file at `path` as defaults; its keys are their names, with dashes or underscores."""
    if path is None:
        return
    try:
        content = read_yaml(path)
    except OSError as error:
        raise click.BadParameter(f"{path}: {error.strerror}", context, parameter) from error
    except ValueError as error:
        raise click.BadParameter(str(error), context, parameter) from error
    if not isinstance(content, dict):
        raise click.BadParameter(f"{path} should hold lines like `epochs: 10`", context, parameter)
    known = {}
    for option in context.command.params:
        if option.name != parameter.name:
            names = [typed.lstrip("-").replace("-", "_") for typed in option.opts]
            known.update(dict.fromkeys(names, option.name))
    defaults = {}
    for key, value in content.items():
        name = str(key).replace("-", "_")
        if name not in known:
            names = sorted(n.replace("_", "-") for n in known)
            question = did_you_mean(name.replace("_", "-"), names) or f" They are {', '.join(names)}."
            raise click.BadParameter(f"{path}: `{key}` is no option of this command.{question}", context, parameter)
        if not is_plain(value):
            raise click.BadParameter(
                f"{path}: `{key}` must be a number, a text or a list of them, got {shorten(value)}", context, parameter
            )
        defaults[known[name]] = os.path.expanduser(value) if isinstance(value, str) else value
    remember_typed(context, (value for value in defaults.values() if isinstance(value, str)))
    context.default_map = {**(context.default_map or {}), **defaults}


def is_plain(value):
    """Whether a value of a YAML file may be one of an option: no list in a list, and no object."""
    parts = value if isinstance(value, list) else [value]
    return not any(isinstance(part, (list, dict, set)) for part in parts)


def check_data(options):
    """Raise the error of `load_chosen` where the data that the options name is not there; no Paddle is imported."""
    name, folder = options.get("data"), options.get("data_dir")
    if name is not None:
        check_source(name)
        refuse_idle(name)
    if folder is not None and not pathlib.Path(folder).is_dir():
        question = suggest_path(folder)
        raise FileNotFoundError(f"data_dir {folder} is no folder{'.' if question else ''}{question}")


def load_chosen(options, recorded=None):
    """Return the `Dataset` that the options name, and the choice itself; what they leave open is as `recorded`.

    A transform is taken from the options alone: nothing that is recorded in a folder is executed.

    Raises:
        click.UsageError: recorded data are no longer there; they are named, and how to say where they are now.
        OSError, ValueError: see `load_dataset`.
    """
    recorded = recorded or {}
    choice = {name: options[name] if options.get(name) is not None else recorded.get(name) for name in DATA}
    choice["data"] = choice["data"] or "digits"
    choice["image_size"] = choice["image_size"] or 32
    choice["skip_damaged"] = bool(choice["skip_damaged"])
    if options.get("data") is None and choice["data"] not in DATASETS and not pathlib.Path(choice["data"]).exists():
        raise click.UsageError(f"the data of the run, {choice['data']}, is not there; name where it is now by --data")
    if choice["data"] not in DATASETS and pathlib.Path(choice["data"]).exists():
        choice["data"] = str(pathlib.Path(choice["data"]).resolve())  # found again from elsewhere
    if (
        options.get("data_dir") is None
        and choice["data_dir"] is not None
        and not pathlib.Path(choice["data_dir"]).is_dir()
    ):
        raise click.UsageError(
            f"the folder of the run's data, {choice['data_dir']}, is not there; name where it is now by --data-dir"
        )
    refuse_idle(choice["data"])
    if choice["data_dir"] is not None:
        choice["data_dir"] = str(pathlib.Path(choice["data_dir"]).resolve())
    transform = options.get("transform")
    dataset = load_dataset(
        choice["data"],
        choice["data_dir"],
        choice["image_size"],
        choice["limit"],
        choice["skip_damaged"],
        transform and load_transform(transform),
    )
    return dataset, choice


def refuse_idle(data):
    """Raise a UsageError where the command line has an option that changes nothing of this data."""
    published, found = data in DATASETS, f"and the data are {data}; leave it out"
    pictures = (published or data.lower().endswith(".npz"), f"is for folders and tables of images, {found}")
    names = f"is for mnist, fashion-mnist, cifar10 and cifar100, {found}"
    refuse_given(
        {"image_size": pictures, "skip_damaged": pictures, "data_dir": (not published or data == "digits", names)}
    )


def refuse_given(idle):
    """Raise a UsageError where the command line has an option that changes nothing.

    Args:
        idle: for names of options, as Python has them, whether they change nothing, and what the message says of them.
    """
    context = click.get_current_context(silent=True)
    for name, (changes_nothing, reason) in idle.items():
        if context and changes_nothing and context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"--{name.replace('_', '-')} {reason}", context)


def load_transform(text):
    """Return what is called NAME in a file of the user's own, for `FILE.py:NAME`.

    Raises:
        ValueError: `text` is no such name, the file fails, or has none.
        OSError: the file cannot be read.
    """
    path, _, name = text.rpartition(":")
    if not path.endswith(".py") or not name:
        raise ValueError(f"--transform {text!r} should be FILE.py:NAME")
    found = run_file(path).get(name)
    if not callable(found):
        raise ValueError(
            f"transform {name} cannot be used: {path} defines no function called {name}; write "
            f"`def {name}(image): ...` there"
        )
    return found
