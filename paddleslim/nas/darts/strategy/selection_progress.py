"""How far a selection has come: what it saves, and what it resumes from."""

from __future__ import annotations

import hashlib

import numpy as np

from ..state.checkpoint_folder import CheckpointFolder
from ..state.components import ModelState, OptimizerState, pack, unpack
from ..training.log import logger

__all__ = ["SelectionProgress"]

FOLDER = "selection"  # in the folder of the checkpoints, with which it is put aside
KEEP = 2


class SelectionProgress:
    """Saves the `Decisions` of a selection by perturbation, and puts them back.

    Args:
        decisions: what is saved; together with the weights of the supernet, and the velocity of a tuning.
    """

    def __init__(self, decisions):
        self.decisions, search = decisions, decisions.search
        self.search, self.checkpoints, self.saves = search, search.checkpoints, 0
        self.observers = [callback for callback in search.callbacks if hasattr(callback, "on_selection")]
        self.folder = None
        if self.checkpoints.saved_at is not None and self.checkpoints.save_dir is not None:
            main = self.checkpoints.folder
            self.folder = CheckpointFolder(main.path / FOLDER, KEEP)
            self.folder.run, self.folder.session = main.run, main.session

    def save(self, decisions=None, optimizer=None):
        """Save the present state; `decisions` is how many there are, given after one of them."""
        if decisions:
            decided = self.decisions.decided
            if self.search.ranks.is_first:
                logger.info("selection: %d of %d decisions", decided, decisions)
            self.search.notify(self.observers, "on_selection", decided, decisions)
        if self.folder is None:
            return
        self.search.guard.check_deferred()
        self.saves += 1
        tensors = self.search.task.named_tensors()
        states = {"selection": self._get_state(), "model": ModelState(tensors).get_state()}
        if optimizer is not None:
            states["tuning"] = OptimizerState(optimizer, tensors).get_state()
        self.folder.save(self.search.num_epochs, self.saves, pack(states))

    def restore(self):
        """Put back what an interrupted selection of this very run has saved, if the run was resumed."""
        if self.folder is None or not self.checkpoints.resumed:
            return
        self.checkpoints.resumed = False  # another selection of this run starts anew
        self.folder.clear_unfinished()
        run, gather = self.folder.run, self.search.ranks.gather
        try:
            checkpoint, path = self.folder.load_latest(logger.warning, gather)
        except ValueError as error:
            self.search.warn(f"{error}; the selection starts anew")
            checkpoint = None
        states = {} if checkpoint is None else unpack(checkpoint)
        same = self.folder.run == run and states and states["selection"]["of"] == self._identity()
        self.folder.run = run
        if self.folder.path.is_dir():
            self.folder.take_over()
        if not all(gather(bool(same))):
            return
        ModelState(self.search.task.named_tensors()).set_state(states["model"])
        self._set_state(states["selection"])
        self.decisions.velocity = states.get("tuning")
        if self.search.ranks.is_first:
            logger.info("selection: resuming from %s", path)

    def set_velocity(self, optimizer, state):
        """Give the optimizer of a tuning what it remembered."""
        tensors = self.search.task.named_tensors()
        before = ModelState(tensors).get_state()
        OptimizerState(optimizer, tensors).set_state(state)
        ModelState(tensors).set_state(before)  # an optimizer makes its tensors in a step

    def _identity(self):
        """Return what distinguishes the selections of a run: its settings, and the alphas it starts from."""
        alphas = b"".join(alpha.numpy().tobytes() for alpha in self.search.model.arch_parameters())
        return [self.search.num_epochs, repr(self.decisions.settings), hashlib.sha256(alphas).hexdigest()]

    def _get_state(self):
        found = self.decisions
        arrays = {
            f"{name}/{kind}": np.asarray(array).copy()
            for name, tables in (("p", found.p), ("chosen", found.chosen), ("kept", found.kept))
            for kind, array in enumerate(tables)
        }
        counts = {name: getattr(found, name) for name in ("decided", "tuned", "tuned_since")}
        return {"of": self._identity(), "saves": self.saves, **counts, **arrays}

    def _set_state(self, state):
        found, self.saves = self.decisions, int(state["saves"])
        for name in ("decided", "tuned", "tuned_since"):
            setattr(found, name, int(state[name]))
        for name in ("p", "chosen", "kept"):
            tables = getattr(found, name)
            setattr(found, name, [state[f"{name}/{kind}"].astype(t.dtype).copy() for kind, t in enumerate(tables)])
