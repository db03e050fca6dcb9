"""The checkpoints of a search: which are kept, and which one it resumes from."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import pathlib
import re
import shutil
import uuid

from .atomic_file import clear_unfinished, write_atomically
from .checkpoint import DamagedCheckpointError, read_checkpoint, write_checkpoint

__all__ = ["CheckpointFolder"]

SUFFIX = ".safetensors"
RUN = "run.txt"


class CheckpointFolder:
    """Files `<epoch>-<step>.safetensors`, named for how many epochs, and steps of the next one, were finished.

    Args:
        path: the folder; it is made with the first checkpoint.
        keep: how many of the latest to keep.

    Attributes:
        run: the name of the run that saves here, drawn when it begins. It is in every checkpoint and in `run.txt`, so
            that two runs which use one folder, where no lock keeps them from it, are never taken for one.
        session: drawn whenever a run begins or resumes; the one in `run.txt` may save here, so that a run which is
            resumed twice at once, where no lock keeps it from that, continues in the later one alone.
    """

    def __init__(self, path, keep=3):
        self.path, self.keep, self.run = pathlib.Path(path), keep, ""
        self.session = uuid.uuid4().hex

    def begin_run(self, gather=lambda value: [value]):
        """Draw the name of a new run, the same on all ranks; the folder gets it with the first checkpoint.

        A name that an earlier run left without a checkpoint is removed.
        """
        if not self.list():
            (self.path / RUN).unlink(missing_ok=True)
        self.run = gather(uuid.uuid4().hex)[0]

    def read_run(self):
        """Return the names of the run and of the session whose folder this is now; empty where it has none."""
        try:
            words = (self.path / RUN).read_bytes().decode("ascii", "replace").split()
        except OSError:
            words = []
        return tuple([*words, "", ""][:2])

    def take_over(self):
        """Let this session alone save here from now on; call it where the run has resumed."""
        if self.run:
            self._write_run()

    def _write_run(self):
        write_atomically(self.path / RUN, f"{self.run}\n{self.session}\n".encode())

    def save(self, epoch, step, checkpoint, best_epoch=None):
        """Write a checkpoint, then remove all but the latest `keep` and the one that ends epoch `best_epoch`.

        Raises:
            OSError: it cannot be written.
            RuntimeError: another run has begun in this folder.
        """
        run, session = self.read_run()
        if self.run and (run not in ("", self.run) or session not in ("", self.session)):
            what = "another run has begun" if run != self.run else "this run was resumed once more"
            raise RuntimeError(
                f"{what} in {self.path} and saves there; this one stops and leaves its checkpoints alone. Give each "
                "run a save_dir of its own"
            )
        if self.run and not session:
            self._write_run()
        checkpoint = dataclasses.replace(checkpoint, run=self.run)
        path = self.path / f"{epoch:04d}-{step:08d}{SUFFIX}"
        write_checkpoint(path, checkpoint)
        kept = set(self.list()[-self.keep :])
        for other in self.list():
            if other not in kept and place_of(other) != (None if best_epoch is None else (best_epoch + 1, 0)):
                with contextlib.suppress(OSError):  # one file too many harms nobody
                    other.unlink()
        return path

    def list(self):
        """Return the paths of all checkpoints, the furthest last."""
        return sorted((p for p in self.path.glob(f"*{SUFFIX}") if place_of(p) is not None), key=place_of)

    def load_latest(self, warn, gather=lambda value: [value]):
        """Return the furthest checkpoint of one run that every rank can read, and its path; `(None, None)` for none.

        There is none, either, where some ranks have written their first one and others not yet.

        From then on the folder saves for that run.

        Args:
            warn: called with a sentence for each one that cannot be read.
            gather: returns the values of all ranks.

        Raises:
            ValueError: none of those that are there can be read, or a newer paddleslim wrote one.
        """
        paths = {place_of(path): path for path in self.list()}
        counts = gather(len(paths))
        while True:
            common = set.intersection(*map(set, gather(list(paths))))
            if not common:
                break
            path = paths.pop(max(common))
            checkpoint = self._try_to_read(path, warn)
            runs = gather(None if checkpoint is None else checkpoint.run)
            if None not in runs and len(set(runs)) == 1:
                self.run = checkpoint.run
                return checkpoint, path
            if None not in runs:
                warn(f"the ranks' checkpoints {path.name} are of several runs; falling back to the ones before")
        if 0 in counts and max(counts) <= 1:
            # ranks that were killed while they wrote their first ones: all begin anew
            for first in self.list():
                first.unlink()
            return None, None
        if any(counts):
            raise ValueError(f"none of the checkpoints in {self.path} can be read; start anew with resume=False")
        return None, None

    def _try_to_read(self, path, warn):
        try:
            checkpoint, run = read_checkpoint(path), self.read_run()[0]
            if not checkpoint.run or checkpoint.run == run or not run:
                return checkpoint
            warn(f"{path} is of another run than the folder it is in; falling back to the checkpoint before it")
        except DamagedCheckpointError as error:
            warn(f"{error}; falling back to the checkpoint before it")
        except OSError as error:
            warn(f"{path} cannot be read ({error.strerror}); falling back to the checkpoint before it")
        return None

    def clear_unfinished(self):
        """Remove what a killed process left half-written."""
        clear_unfinished(self.path, (f"*{SUFFIX}", RUN))

    def set_aside(self, warn):
        """Move the checkpoints of an earlier search to `<folder>.before`, replacing what was moved there earlier."""
        if not self.list():
            return
        before = self.path.with_name(self.path.name + ".before")
        shutil.rmtree(before, ignore_errors=True)
        os.replace(self.path, before)
        warn(f"this search starts anew; the checkpoints of the one before are in {before}, until the next one starts")


def place_of(path):
    """Return (epoch, step) of a checkpoint's path; None where it is none."""
    match = re.fullmatch(r"(\d+)-(\d+)" + re.escape(SUFFIX), path.name)
    return match and (int(match[1]), int(match[2]))
