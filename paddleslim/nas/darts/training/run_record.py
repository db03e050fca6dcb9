"""What the record of a run says of its model, task, callbacks and running means, and how they are found again."""

from __future__ import annotations

import json
import re
import zlib

import numpy as np
import paddle

from ....common import AvgrageMeter
from ..state.schema import shorten

__all__ = [
    "compare_descriptions",
    "describe_layers",
    "has_state",
    "json_state",
    "recall_meter",
    "restore_callbacks",
    "try_states",
]


def describe_layers(model):
    """Return the class of a model, and a checksum of what `print(model)` shows: its layers and their sizes."""
    shown = re.sub("0x[0-9a-f]+", "", repr(model))  # an address is different in each process
    return f"{type(model).__name__}, whose print has the checksum {zlib.crc32(shown.encode(errors='replace')):08x}"


def compare_descriptions(here, there):
    """Raise a ValueError that names the first difference between a task and a saved one."""
    for name, value in here.items():
        other = there.get(name)
        if isinstance(value, list) and isinstance(other, list):
            for i, (one, another) in enumerate(zip(other, value)):
                if one != another:
                    raise ValueError(
                        f"the checkpoint is of another search space: {name}[{i}] is {one!r} there and {another!r} here"
                    )
        if value != other:
            raise ValueError(f"the checkpoint is of another search space: {name} is {other!r} there and {value!r} here")


def restore_callbacks(callbacks, saved):
    """Give each callback the state of the first one of its class that is left."""
    saved = list(saved)
    for callback in callbacks:
        name = type(callback).__name__
        index = next((i for i, (saved_name, _) in enumerate(saved) if saved_name == name), None)
        if index is not None:
            state = saved.pop(index)[1]
            if state is not None:
                callback.set_state(state)


def recall_meter(total, samples):
    meter = AvgrageMeter()
    if samples and total is not None:
        meter.sum, meter.cnt = paddle.to_tensor(total), samples
        meter.avg = meter.sum / samples
    return meter


def has_state(thing):
    """Return whether an object has `get_state` and `set_state`, as a callback has."""
    methods = (getattr(thing, name, None) for name in ("get_state", "set_state"))
    return not isinstance(thing, type) and all(callable(method) for method in methods)


def json_state(thing, what):
    """Return `get_state()` of an object, or raise a TypeError where JSON cannot say it."""
    state = thing.get_state()
    check_plain(state, f"get_state() of {what} returned")
    return state


def check_plain(state, what):
    """Raise a TypeError that begins with `what` and names the first value of a state that JSON cannot say."""
    try:
        json.dumps(state)
    except (TypeError, ValueError, RecursionError) as error:
        odd = find_odd(state) if isinstance(error, TypeError) else None
        reason = " is ".join(odd) if odd else str(error).partition(" while ")[0]
        raise TypeError(
            f"{what} what a checkpoint cannot hold ({reason}); use numbers, texts, lists and dictionaries"
        ) from error


def find_odd(value, where="it"):
    """Return where the first value is that JSON cannot say, and the value in short; None where there is none."""
    if value is None or isinstance(value, (str, int, float)):
        return None
    if isinstance(value, dict):
        odd = next((key for key in value if not (key is None or isinstance(key, (str, int, float)))), None)
        if odd is not None:
            return f"a key of {where}", shorten(odd)
        inside = ((inner, f"{where}[{key!r}]") for key, inner in value.items())
    elif isinstance(value, (list, tuple)):
        inside = ((inner, f"{where}[{number}]") for number, inner in enumerate(value))
    else:
        return where, f"{type(value).__name__}, {shorten(value)}".replace("\n", " ")
    return next(filter(None, (find_odd(inner, place) for inner, place in inside)), None)


def try_states(callbacks, things, weight_step, description):
    """Raise a TypeError where the user's own objects have a state that no checkpoint could hold, before the first step.

    What raises has no state yet, which its first checkpoint may have.

    Args:
        callbacks: of the run.
        things: other objects with `get_state`, by name.
        weight_step: what surrounds the weight steps, whose state may hold arrays too; None for nothing.
        description: what is compared with that of a saved run.
    """
    check_plain(description, "the model has")
    named = [(f"the callback {type(callback).__name__}", callback) for callback in callbacks]
    for what, thing in (*named, *things.items(), ("the weight step", weight_step)):
        try:
            state = thing.get_state() if thing is not None else {}
        except Exception:
            continue
        if thing is weight_step and isinstance(state, dict):
            state = {name: value for name, value in state.items() if not isinstance(value, np.ndarray)}
        elif thing is weight_step:
            raise TypeError(f"get_state() of {what} must return a dictionary, it is {shorten(state)}")
        check_plain(state, f"get_state() of {what} returned")
