"""The observer that leaves a report of a search."""

from __future__ import annotations

import dataclasses
import time
from typing import Any, Callable

from ....common.log_helper import package_logger
from ....common.paths import fixed_path
from ....common.types import FilePath
from ....extras import require
from ..genotype.json_file import describe_genotype, recall_genotype
from ..training.callbacks import Callback
from ..training.reports import EpochReport
from .animation import write_animation
from .framed import frame
from .labels import find_language
from .page import render_report, write_report
from .recording import EpochRecord, Recording
from .recording_file import read_recording, write_recording
from .rendering import REFRESH, spell_abort

__all__ = ["Report"]

logger = package_logger(__name__)


class Report(Callback):
    """Write `report.html`, `search.gif` and `recording.json` to `save_dir`, so that a search can be seen.

    `report.html` needs no network and no other file; while the search runs it shows the epochs so far. The recording
    holds what both pictures are made from. A search that resumes from a checkpoint continues the recording.
    Whatever fails in it is warned of once and never ends the search.

    Args:
        save_dir: a folder, made if need be.
        title: a name for people; the name of the folder if None.
        settings: a dictionary of what else to show, such as the seed.
        language: of the page, 'en' or 'zh_cn'.
        animation: False for no `search.gif`.
        about: what else the page should show, see `Recording`: the next command, the images of each class.
        measure: function of the genotype that returns the figures of its network by name, such as 'parameters' and
            'multiply_adds', for the page; called after the search.

    Raises:
        ImportError: jinja2 or matplotlib is not installed.
        ValueError: the language is unknown.

    Example:
        >>> DARTSearch(..., callbacks=[Report("runs/first", settings={"seed": 0})])
    """

    may_fail = True

    def __init__(
        self,
        save_dir: FilePath,
        title: str | None = None,
        settings: Any = None,
        language: str = "en",
        animation: bool = True,
        about: dict[str, Any] | None = None,
        measure: Callable[[Any], dict[str, float]] | None = None,
    ) -> None:
        require("jinja2", *(["matplotlib", "PIL"] if animation else []), extra="cli", user="a report")
        self.language, self.about, self.measure = find_language(language), dict(about or {}), measure
        self.save_dir = fixed_path(save_dir)
        self.title = title or self.save_dir.resolve().name
        self.settings, self.animation = dict(settings or {}), animation
        self.failed = False
        self.first: Any = None  # how the search began, from a checkpoint within its first epoch

    def get_state(self) -> Any:
        """Return the first record of a search within its first epoch, which has no other one yet."""
        epochs = self.recording.epochs if hasattr(self, "recording") else []
        if len(epochs) != 1 or epochs[0].epoch:
            return None
        return {**dataclasses.asdict(epochs[0]), "genotype": describe_genotype(epochs[0].genotype)}

    def set_state(self, state: Any) -> None:
        self.first = state

    def __repr__(self) -> str:
        return f"Report({str(self.save_dir)!r})"

    def _repr_html_(self) -> str | None:
        """Return the page so far for the output of a notebook's cell; None before the search has begun."""
        return frame(render_report(self.recording, self.language)) if hasattr(self, "recording") else None

    def on_search_begin(self, search: Any) -> None:
        self.begun = self.written = time.monotonic()
        self.recording = Recording.begin(search, self.title, self.settings, self.about)
        self._continue(len(search.history))
        self.first = None

    def on_epoch_end(self, search: Any, report: EpochReport) -> None:
        self.recording.add(search, report, time.monotonic() - self.begun)
        self._attempt("recording.json", write_recording)
        if time.monotonic() - self.written > REFRESH:
            self._write()

    def on_search_end(self, search: Any, genotype: Any) -> None:
        self.recording.state = search.collapse.reason if search.collapse else "finished"
        self._attempt("recording.json", lambda path, recording: recording.conclude(search, genotype))
        if self.measure is not None:
            self._attempt("report.html", lambda path, recording: self._measure(genotype))
        self._write()
        if self.animation:
            self._attempt("search.gif", write_animation)

    def on_search_abort(self, search: Any, error: BaseException) -> None:
        if hasattr(self, "recording"):
            self.recording.state = spell_abort(error)
            self._write()

    def _measure(self, genotype: Any) -> None:
        """Take down the figures of the network that was found."""
        if self.measure is not None:
            self.recording.about["network"] = self.measure(genotype)

    def _continue(self, done: int) -> None:
        """Take the first `done` epochs over from the recording of the search that resumes, if there is one."""
        if not done:
            if self.first is not None:  # the alphas have moved since
                now = self.recording.epochs[0]
                genotype = recall_genotype(self.first["genotype"], now.genotype)
                self.recording.epochs = [EpochRecord(**{**self.first, "genotype": genotype})]
            return
        try:
            before = read_recording(self.save_dir / "recording.json")
        except (OSError, ValueError) as error:
            logger.warning("the report begins at epoch %d, for the epochs before are lost: %s", done, error)
            return
        if before.operations == self.recording.operations:
            kept = [record for record in before.epochs if record.epoch <= done]
            self.recording.epochs = kept or self.recording.epochs
            self.begun -= self.recording.epochs[-1].seconds

    def _write(self) -> None:
        self.written = time.monotonic()
        self._attempt("recording.json", write_recording)
        self._attempt("report.html", lambda path, recording: write_report(path, recording, self.language))

    def _attempt(self, name: str, write: Callable[[Any, Recording], None]) -> None:
        path = self.save_dir / name
        try:
            write(path, self.recording)
        except Exception as error:  # whatever fails: a report never ends a search
            if not self.failed:
                logger.warning("%s cannot be written, the search continues without it: %s", path, error)
            self.failed = True
