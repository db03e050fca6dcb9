"""When a search saves its state, and where it goes on from."""

from __future__ import annotations

import logging
import pathlib
import time

from ....common import get_logger
from ..search.state import gather_state, restore_state
from ..state.checkpoint_folder import CheckpointFolder
from .callbacks import Callback
from .signals import SearchInterrupted

__all__ = ["SaveCheckpoints"]

logger = get_logger(__name__, logging.INFO)


class SaveCheckpoints(Callback):
    """Save a search to `<save_dir>/checkpoints` after each epoch, in between as asked, and when a signal ends it.

    With several ranks each has a folder of its own, `checkpoints-rank<i>` but for the first: buffers and readers
    differ between them.

    Args:
        save_dir: the folder of the search.
        steps: training steps between two checkpoints within an epoch; None for none.
        minutes: the same as time.
        keep: how many of the latest stay; the one of the best validation accuracy stays too.

    Attributes:
        seconds: how long all saving took.
    """

    on_every_rank = True

    def __init__(self, save_dir, steps=None, minutes=None, keep=3):
        self.save_dir, self.steps, self.minutes, self.keep = pathlib.Path(save_dir), steps, minutes, keep
        self.seconds = 0.0

    def begin(self, search, resume):
        """Go on from the furthest checkpoint that every rank can read, or put those there are aside."""
        rank = search.ranks.rank
        self.folder = CheckpointFolder(
            self.save_dir / (f"checkpoints-rank{rank}" if rank else "checkpoints"), self.keep
        )
        self.folder.clear_unfinished()
        self.saved_at = time.monotonic()
        if not resume:
            self.folder.set_aside(logger.warning)
            self.folder.begin_run(search.ranks.gather)
            return
        checkpoint, path = self.folder.load_latest(logger.warning, search.ranks.gather)
        if checkpoint is None:
            logger.warning("there is no checkpoint in %s; the search starts at the beginning", self.folder.path)
            self.folder.begin_run(search.ranks.gather)
            return
        try:
            restore_state(search, checkpoint, logger.warning)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
        place = checkpoint.record
        logger.info("going on from %s: epoch %d, step %d", path, place["epoch"], place["step"])

    def on_step_end(self, search, report):
        signum, due = self._agree(search, report)
        asked = self.steps is not None and (report.step + 1) % self.steps == 0
        if signum or due or (asked and report.phase == "Train"):
            self.save(search)
        if signum:
            self._leave(signum)

    def on_epoch_end(self, search, report):
        self.save(search)
        signum = max(search.ranks.gather(max(search.signals, default=0)))
        if signum and len(search.history) < search.num_epochs:
            self._leave(signum)

    def _agree(self, search, report):
        """Return the signal that came, 0 for none, and whether it is time to save: the same on every rank."""
        signum = max(search.signals, default=0)
        due = self.minutes is not None and time.monotonic() - self.saved_at > 60 * self.minutes
        if search.ranks.count > 1:
            if (report.step + 1) % search.log_freq:  # asking the others costs time
                return 0, False
            signum, due = max(search.ranks.gather((signum, due)))
        return signum, due and report.phase == "Train"

    def save(self, search):
        """Save `search` as it is now; not if a loss or gradient was not finite."""
        start = time.monotonic()
        search.guard.settle()
        validated = [r for r in search.history if r.valid_accuracy is not None]
        best = max(validated, key=lambda r: r.valid_accuracy).epoch if validated else None
        checkpoint = gather_state(search)
        self.path = self.folder.save(checkpoint.record["epoch"], checkpoint.record["step"], checkpoint, best)
        self.saved_at = time.monotonic()
        self.seconds += self.saved_at - start

    def _leave(self, signum):
        logger.warning("everything is saved in %s; go on with train(resume=True) or `search --resume`", self.path)
        raise SearchInterrupted(signum)
