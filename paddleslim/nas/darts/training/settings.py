"""Settings as dataclasses: each is one line that holds its default, its check, its help and its option."""

from __future__ import annotations

import dataclasses
import difflib
import functools
import inspect
import sys
import textwrap
from typing import Any

from ....common.checks import Choice, Count, Flag, Folder, Function, Objects, Rate
from .callbacks import Callback
from .precision import AmpType

__all__ = ["RunSettings", "Settings", "accept", "describe_settings", "layout_of", "setting"]


def setting(default, check, text, option=None, decides=False, short=None, optional=None):
    """Return the field of one setting.

    Args:
        default: its value where none is given.
        check: an object of `paddleslim.common.checks`.
        text: one sentence or more: what the setting is.
        option: the long option of the command line, such as '--epochs'; None for none.
        decides: whether it decides how a run ends, so that a run that resumes with another value is warned.
        short: the help of the option, where `text` speaks of Python; `text` if None.
        optional: whether None passes too; where the default is None if not given.
    """
    optional = default is None if optional is None else optional
    metadata = {"check": check, "text": text, "option": option, "decides": decides, "short": short or text}
    metadata["optional"] = optional
    return dataclasses.field(default=default, metadata=metadata)


def check_metrics(name, value):
    """Check of the setting `metrics`, see `Measures`, which needs Paddle."""
    from .measures import Measures

    return Measures()(name, value)


@dataclasses.dataclass(frozen=True)
class Settings:
    """Values that were checked: numbers of numpy are plain ones, and what cannot be used was refused.

    Raises:
        TypeError, ValueError: a value cannot be used; the message has its name, the value and the remedy.
    """

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if value is None and field.metadata["optional"]:
                continue
            object.__setattr__(self, field.name, field.metadata["check"](field.name, value))

    def decisive(self):
        """Return those settings that decide how a run ends, by name, in what JSON can say."""
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if f.metadata["decides"]}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    def shown(self):
        """Return those settings that a report shows: the decisive ones, and whether ranks share the run."""
        return {**self.decisive(), **{n: getattr(self, n) for n in ("use_data_parallel",) if hasattr(self, n)}}


@dataclasses.dataclass(frozen=True)
class RunSettings(Settings):
    """What a search and a retraining share."""

    use_multiprocess: bool = setting(False, Flag(), "Read batches in worker processes.", "--multiprocess")
    use_data_parallel: bool = setting(
        False,
        Flag(),
        "Share the work with the other processes of `python -m paddle.distributed.launch`: each takes its "
        "share of the batches, gradients are averaged; in one process it changes nothing.",
        "--data-parallel",
        short="Share the run with the other processes of `python -m paddle.distributed.launch`, on one machine or "
        "several.",
    )
    save_dir: Any = setting("./", Folder(), "Folder that parameters, results and checkpoints are written to.")
    log_freq: int = setting(50, Count(), "Steps between two log lines.", "--log-freq")
    valid_freq: int | None = setting(
        None, Count(), "Epochs between two validations; the last epoch is always validated.", "--valid-freq", True
    )
    checkpoint_steps: int | None = setting(
        None,
        Count(),
        "Training steps between two checkpoints within an epoch (None: none).",
        "--checkpoint-steps",
        short="Steps between two checkpoints within an epoch; after each epoch there is one anyway.",
    )
    checkpoint_minutes: float | None = setting(
        10.0,
        Rate(),
        optional=True,
        text="Minutes between two checkpoints within an epoch (None: none); after each epoch there is one anyway.",
        option="--checkpoint-minutes",
        short="Minutes between two checkpoints within an epoch.",
    )
    keep_checkpoints: int = setting(
        3,
        Count(),
        "How many of the latest checkpoints stay, beside the one of the best validation.",
        "--keep-checkpoints",
        short="Number of the latest checkpoints that are kept, beside that of the best validation.",
    )
    skip_nonfinite: int = setting(
        0,
        Count(0),
        "How many batches of a loss or gradient that is not finite may be skipped before the run stops.",
        "--skip-nonfinite",
        short="Number of batches that may be skipped, because their loss is not finite, before the run stops.",
    )
    sync_batch_norm: bool = setting(
        False, Flag(), "Let the `paddle.nn.BatchNorm` layers take their statistics over the batches of all ranks."
    )
    deterministic: bool = setting(
        False, Flag(), "Choose kernels that compute the same bits each time, where Paddle has them.", "--deterministic"
    )
    amp: str | None = setting(
        None,
        AmpType(),
        "'bfloat16' for mixed precision on a GPU, see `precision.autocast`; None for float32.",
        "--amp",
        True,
        short="Compute in mixed precision, which takes a GPU of 2020 or newer.",
    )
    compile: str = setting(
        "auto",
        Choice(("auto", "on", "off")),
        "'auto' to compile the forward passes of a large network of your own on the CPU, 'on' for those of a small one "
        "too, 'off' for none.",
    )
    metrics: tuple | None = setting(
        None,
        check_metrics,
        "What to measure beside the loss: names such as 'accuracy', 'mean_iou' or 'mae', functions of (outputs, label) "
        "and `paddle.metric.Metric` objects. The first decides on the best checkpoint. None for the accuracy, where "
        "labels are classes; () for the loss alone.",
    )
    criterion: Any = setting(
        None,
        Function("(outputs, label)", 2),
        "Function of (outputs, label), the mean loss of the weights, and of the alphas of built-in supernets; "
        "cross entropy of logits and classes `[N, 1]` if None. With one, labels may be anything, and a forward may "
        "return anything.",
    )
    unpack: Any = setting(
        None,
        Function("(batch)"),
        "Function of what a reader yields that returns (inputs, label), for batches that are laid out otherwise than "
        "`(image, label)`, `(input 1, input 2, ..., label)` or a dictionary with a `label`.",
    )
    steps_per_epoch: int | None = setting(
        None, Count(), "Batches of an epoch, for readers that never end (None: all they yield).", None, True
    )
    weight_optimizer: Any = setting(
        None,
        Function("the parameters"),
        "Function of the list of weights that returns their `paddle.optimizer`, with a learning rate, decay and "
        "clipping of its own; a `LRScheduler` in it steps after every weight step. None for SGD with momentum, as the "
        "keywords say.",
    )
    accumulate_steps: int = setting(
        1,
        Count(),
        "Training batches whose mean gradient makes a weight step; the learning rate counts weight steps.",
        "--accumulate-steps",
        True,
        short="Number of batches whose mean gradient makes one step of the weights.",
    )
    progress_bar: bool | None = setting(
        None,
        Flag(),
        "True to show a `ProgressBar` instead of printing lines of steps and epochs, False to print the lines; None "
        "for the bar in a notebook and the lines elsewhere.",
    )
    callbacks: tuple = setting(
        (), Objects(Callback, "Callback objects"), "`Callback` objects, notified of every stage after the run's own."
    )


def layout_of(settings):
    """Return what a `BatchLoader` has to know of the batches of a run, by name, from its `RunSettings`."""
    steps = settings.steps_per_epoch
    return {"any_label": settings.criterion is not None, "unpack": settings.unpack, "steps": steps}


def accept(settings, positional=(), into="settings"):
    """Return a decorator that gives a function `f(self, ..., *, settings)` the settings as arguments of its own.

    The function is then called as if its last parameter were the fields of the dataclass `settings`: those named in
    `positional` may be given by position, in that order, the others by keyword; a signature says so to `help`.

    Args:
        settings: a subclass of `Settings`.
        positional: names of its fields.
        into: the parameter of the function that takes the object.
    """
    fields = {field.name: field for field in dataclasses.fields(settings)}

    def decorate(function):
        own = [p for p in inspect.signature(function).parameters.values() if p.kind is not p.KEYWORD_ONLY]
        added = [
            inspect.Parameter(
                name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD if name in positional else inspect.Parameter.KEYWORD_ONLY,
                default=fields[name].default,
            )
            for name in [*positional, *(name for name in fields if name not in positional)]
        ]
        signature = inspect.Signature([*own, *added])

        @functools.wraps(function)
        def wrapped(*args, **kwargs):
            try:
                bound = signature.bind(*args, **kwargs)
            except TypeError as error:
                raise TypeError(
                    f"{function.__qualname__.partition('.')[0]}: {error}{suggest(str(error), fields)}"
                ) from None
            values = {name: bound.arguments.pop(name) for name in fields if name in bound.arguments}
            return function(*bound.args, **bound.kwargs, **{into: settings(**values)})

        setattr(wrapped, "__signature__", signature)  # noqa: B010
        return wrapped

    return decorate


def suggest(message, names):
    """Return the name nearest to an unexpected one that `message` quotes, as a question; '' where none is near."""
    unknown = message.rpartition("unexpected keyword argument ")[2].strip("'")
    near = difflib.get_close_matches(unknown, names, 1)
    return f"; did you mean {near[0]!r}?" if near and near[0] != unknown else ""


def describe_settings(settings, positional=()):
    """Return one line of a docstring for each setting of a dataclass, those in `positional` first."""
    fields = {field.name: field for field in dataclasses.fields(settings)}
    names = [*positional, *(name for name in fields if name not in positional)]
    lines = [f"{name}: {fields[name].metadata['text']}" for name in names]
    indent = " " * (4 if sys.version_info >= (3, 13) else 8)  # Python 3.13 takes the common one off a docstring
    filled = (textwrap.fill(line, 116, initial_indent=indent, subsequent_indent=indent + " " * 4) for line in lines)
    return "\n".join(filled)
