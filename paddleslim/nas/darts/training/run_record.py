"""What the record of a run says of its model, task, callbacks and running means, and how they are found again."""

from __future__ import annotations

import json
import re
import zlib

import paddle

from ....common import AvgrageMeter

__all__ = ["compare_descriptions", "describe_layers", "has_state", "json_state", "recall_meter", "restore_callbacks"]


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
    try:
        json.dumps(state)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"get_state() of {what} returned what a checkpoint cannot hold ({error}); return numbers, texts, lists and "
            "dictionaries"
        ) from error
    return state
