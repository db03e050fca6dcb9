"""When a search saves its state, and where it resumes from."""

from __future__ import annotations

import math
import pathlib
import time
from typing import Any

from ..state.checkpoint_folder import CheckpointFolder
from ..state.components import check_kinds, pack, unpack
from ..state.run_files import clear_run
from .callbacks import Callback
from .log import logger
from .measures import names_of
from .signals import SearchInterrupted

__all__ = ["SaveCheckpoints"]


class SaveCheckpoints(Callback):
    """Save a run to `<save_dir>/checkpoints` after each epoch, in between as asked, and when a signal ends it.

    With several ranks each has a folder of its own, `checkpoints-rank<i>` but for the first: buffers and readers
    differ between them. Without a `save_dir` nothing is saved.

    Args:
        settings: a `RunSettings`: `save_dir`, `checkpoint_steps`, `checkpoint_minutes` and `keep_checkpoints`.

    Attributes:
        seconds: how long all saving took.
        resumed: whether this run was asked to resume.
    """

    on_every_rank = True

    def __init__(self, settings):
        self.save_dir = None if settings.save_dir is None else pathlib.Path(settings.save_dir)
        self.steps, self.minutes = settings.checkpoint_steps, settings.checkpoint_minutes
        self.keep = settings.keep_checkpoints
        self.seconds = 0.0
        self.resumed = False
        self.saved_at: Any = None  # until a run begins; an epoch on its own saves nothing

    def begin(self, loop, resume):
        """Resume from the furthest checkpoint that every rank can read, or put those there are aside."""
        self.saved_at, self.resumed = time.monotonic(), resume
        if self.save_dir is None:
            if resume:
                raise ValueError("resume=True needs save_dir, the folder that holds the checkpoints")
            return
        rank, name = loop.ranks.rank, "checkpoints"
        if rank == 0:
            clear_run(self.save_dir)
        # a rank may be one checkpoint further than another when they are killed, so each keeps the one before
        keep = self.keep if loop.ranks.count == 1 else max(self.keep, 2)
        self.folder = CheckpointFolder(self.save_dir / (f"{name}-rank{rank}" if rank else name), keep)
        self.folder.clear_unfinished()
        if not resume:
            self.folder.set_aside(logger.warning)
            self.folder.begin_run(loop.ranks.gather)
            return
        checkpoint, path = self.folder.load_latest(logger.warning, loop.ranks.gather)
        if checkpoint is None:
            logger.warning(
                "there is no checkpoint in %s; the %s starts at the beginning", self.folder.path, loop.task.name
            )
            self.folder.begin_run(loop.ranks.gather)
            return
        try:
            states = unpack(checkpoint)
            check_optimizers(states, loop.task.stepped(states))
            loop.task.prepare(states)
            components = loop.components()
            check_states(states, components, loop)  # nothing is changed before all of it was checked
            for name, component in components.items():
                component.set_state(states[name])
            loop.frozen.set_state(states["loop"].get("frozen", ([], [])))
            self.folder.take_over()
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
        except (KeyError, TypeError, AttributeError, IndexError) as error:
            raise ValueError(
                f"{path} does not hold what a checkpoint of this release does ({type(error).__name__}: {error}); start "
                "anew with resume=False"
            ) from error
        place = states["loop"]
        logger.info("resuming from %s: epoch %d, step %d", path, place["epoch"], place["step"])

    def on_step_end(self, search, report):
        if self.saved_at is None:
            return
        signum, due = self._agree(search, report)
        asked = self.steps is not None and (report.step + 1) % self.steps == 0
        if signum or due or (asked and report.phase == "Train"):
            self.save(search)
        if signum:
            self.leave(signum)

    def on_epoch_end(self, search, report):
        self.save(search)
        signum = max(search.ranks.gather(max(search.signals, default=0)))
        if signum and len(search.history) < search.num_epochs:
            self.leave(signum)

    def _agree(self, search, report):
        """Return the signal that came, 0 for none, and whether it is time to save: the same on every rank."""
        signum = max(search.signals, default=0)
        due = self.minutes is not None and time.monotonic() - self.saved_at > 60 * self.minutes
        if search.ranks.count > 1:
            if (report.step + 1) % search.log_freq:  # asking the others costs time
                return 0, False
            signum, due = max(search.ranks.gather((signum, due)))
        return signum, due and report.phase == "Train"

    def save(self, loop):
        """Save the run as it is now; not if a loss or gradient was not finite."""
        if self.save_dir is None:
            return
        start = time.monotonic()
        loop.guard.check_deferred()
        best = find_best(loop.history, loop.measures)
        states = {name: component.get_state() for name, component in loop.components().items()}
        place = states["loop"]
        self.path = self.folder.save(place["epoch"], place["step"], pack(states), best)
        self.saved_at = time.monotonic()
        self.seconds += self.saved_at - start

    def leave(self, signum):
        """Say where the run is saved, and raise a `SearchInterrupted`."""
        if self.save_dir is None:
            logger.warning("stopped; nothing is saved, since no save_dir was given")
        else:
            remedy = "resume it with train(resume=True), or by --resume --save-dir"
            logger.warning("everything is saved in %s; %s %s", self.path, remedy, self.save_dir)
        raise SearchInterrupted(signum)


def find_best(history, measures=()):
    """Return the epoch of the best validation; None without any.

    Best is what has the best first metric; the highest accuracy where no metric is given; the least loss where there
    is no accuracy either.
    """
    validated = [report for report in history if report.valid_loss is not None]
    if not validated:
        return None

    def score(report):
        if measures:
            value, sign = report.valid_metrics.get(names_of(measures[0])[0]), -1 if lower else 1
        else:
            value, sign = (report.valid_loss, -1) if without_accuracy else (report.valid_accuracy, 1)
        # what is not a number is worse than any number
        return -math.inf if value is None or math.isnan(value) else sign * value

    lower = bool(measures) and getattr(measures[0], "lower_is_better", False)
    without_accuracy = all(report.valid_accuracy is None for report in validated)
    return max(validated, key=score).epoch


def check_states(states, components, loop):
    """Raise a ValueError that names the first part of saved states that is not one of these components.

    First is what says the most: where the run was, then the model.
    """
    for name in sorted(components, key=lambda name: (name != "loop", name != "model")):
        component = components[name]
        check_kinds(name, states[name], {} if component is loop else component.get_state())
        if hasattr(component, "check_state"):
            component.check_state(states[name])


def check_optimizers(states, stepped):
    """Raise a ValueError unless optimizers have the arrays that they name, and those that have `stepped` have some."""
    for name, state in states.items():
        arrays = {path.rpartition("/")[0] for path in state if "/" in path} if "of" in state else set()
        missing = sorted(set(state.get("of", ())) - arrays)
        if missing:
            raise ValueError(f"the optimizer `{name}` lacks its arrays of `{missing[0]}`")
        if name in stepped and not arrays and not state.get("stateless"):
            raise ValueError(f"the optimizer of the {name} has taken steps, but its arrays are missing")
