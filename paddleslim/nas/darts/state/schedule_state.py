"""Where a schedule of the learning rate is, with what one of the user's own remembers besides."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import paddle

from ....common.log_helper import package_logger
from .schema import shorten

__all__ = ["ScheduleState"]

logger = package_logger(__name__)

LRScheduler = paddle.optimizer.lr.LRScheduler
OWN, RATE = "own", "rate"
OF_PADDLE = ("keys", "_var_name")  # what Paddle puts into a schedule, the name different in each process
NOT_KEPT = (paddle.nn.Layer, paddle.optimizer.Optimizer)


class ScheduleState:
    """The state of a schedule, and of the rate of an optimizer that has none.

    Paddle's `state_dict` of a schedule holds no more than its last step and rate, unless the class says otherwise. So
    attributes of it, and of schedules within it, are kept too where they are no longer what they were when it was made.

    Args:
        schedule: that the run steps; None has no state.
        optimizer: whose `set_lr` a callback may call where there is no schedule.
    """

    def __init__(self, schedule, optimizer=None):
        self.schedule, self.optimizer = schedule, optimizer
        self.first = {path: copy.deepcopy(value) for path, _, _, value in list_attributes(schedule)}
        self.first_rate = self.read_rate()
        for path, value in list_unknown(schedule):
            logger.warning(
                "`%s` of the schedule %s is a %s, which a checkpoint cannot hold; a run that resumes "
                "begins with a new one, unless state_dict and set_state_dict of the schedule keep it",
                *(path, type(schedule).__name__, type(value).__name__),
            )

    def read_rate(self):
        rate = getattr(self.optimizer, "_learning_rate", None)
        return rate if isinstance(rate, float) else None

    def get_state(self):
        if self.schedule is None:
            rate = self.read_rate()
            return {} if rate is None or rate == self.first_rate else {RATE: rate}
        own: dict[str, Any] = {}
        arrays = {}
        for path, _, _, value in list_attributes(self.schedule):
            if path in self.first and same(value, self.first[path]):
                continue
            if isinstance(value, (np.ndarray, np.generic)):
                arrays[f"{OWN}/{path}"] = np.array(value)
            else:
                own[path] = value
        return {**self.schedule.state_dict(), **({OWN: own} if own else {}), **arrays}

    def check_state(self, state):
        """Raise a ValueError unless what a schedule of the user's own remembered is what attributes can hold."""
        own = state.get(OWN, {})
        if not isinstance(own, dict):
            raise ValueError(f"`schedule.{OWN}` must hold attributes by name, it is {shorten(own)}")
        for path in [*own, *(path[len(OWN) + 1 :] for path in state if path.startswith(f"{OWN}/"))]:
            owner, name = find_owner(self.schedule, path)
            if owner is None or hasattr(type(owner), name):
                raise ValueError(f"`schedule.{OWN}` holds {shorten(path)}, which is no attribute of the schedule here")
        if not isinstance(state.get(RATE, 0.0), float):
            raise ValueError(f"`schedule.{RATE}` must be a number, it is {shorten(state[RATE])}")

    def set_state(self, state):
        if self.schedule is None:
            if RATE in state:
                self.optimizer.set_lr(state[RATE])
            return
        state = dict(state)
        found = dict(state.pop(OWN, {}))
        found.update({path[len(OWN) + 1 :]: state.pop(path) for path in list(state) if path.startswith(f"{OWN}/")})
        for path, value in found.items():
            owner, name = find_owner(self.schedule, path)
            setattr(owner, name, as_type_of(vars(owner).get(name), value))  # None where it was made on the way
        self.schedule.set_state_dict(state)


def find_owner(schedule, path):
    """Return the schedule, this one or one within it, whose attribute a path is, None if none; and its name there."""
    *outer, name = path.split(".")
    for part in outer:
        schedule = getattr(schedule, part, None)
    return schedule if isinstance(schedule, LRScheduler) else None, name


def list_attributes(schedule, prefix="", outer=()) -> Iterator[tuple[str, Any, str, Any]]:
    """Yield `(path, owner, name, value)` of what a checkpoint can hold of a schedule beside its `state_dict`.

    Args:
        schedule: the schedule, or None.
        prefix: of the paths.
        outer: schedules that this one is an attribute of; it may refer to them in turn.
    """
    if schedule is None or any(schedule is one for one in outer):
        return
    state = schedule.state_dict()
    for name, value in list(vars(schedule).items()):
        if isinstance(value, LRScheduler):
            yield from list_attributes(value, f"{prefix}{name}.", (*outer, schedule))
        elif name not in state and name not in OF_PADDLE and is_plain(value):
            yield prefix + name, schedule, name, value


def list_unknown(schedule):
    """Return `(name, value)` of what may change in a schedule of the user's own, and no checkpoint can hold."""
    kind = type(schedule)
    if schedule is None or kind.__module__.partition(".")[0] in ("paddle", "paddleslim"):
        return []
    if kind.state_dict is not LRScheduler.state_dict:
        return []
    known = (LRScheduler, *NOT_KEPT)
    return [
        (name, value)
        for name, value in vars(schedule).items()
        if not is_plain(value) and not callable(value) and not isinstance(value, known) and name not in schedule.keys
    ]


def is_plain(value):
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in "biuf"
    try:
        again = json.loads(json.dumps(value))
    except (TypeError, ValueError, RecursionError):
        return False
    return repr(again) == repr(list(value) if isinstance(value, tuple) else value)


def same(one, other):
    return type(one) is type(other) and (np.array_equal(one, other) if isinstance(one, np.ndarray) else one == other)


def as_type_of(value, found):
    """Return what a checkpoint gave as the type that an attribute has."""
    if isinstance(value, np.generic) and isinstance(found, np.ndarray):
        return found[()]
    return tuple(found) if isinstance(value, tuple) and isinstance(found, list) else found
