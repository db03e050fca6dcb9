"""The observer that leaves a report of a retraining."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, Callable

from ....common.log_helper import package_logger
from ....common.paths import fixed_path
from ....common.types import Array, FilePath
from ....extras import require
from ..data.readers import BatchLoader
from ..networks.measure import count_parameters
from ..state.atomic_file import clear_unfinished
from ..training.callbacks import Callback
from ..training.reports import EpochReport
from .labels import find_language
from .outcomes import collect_outcomes
from .recording import EpochRecord, collect_figures, plain, seeds, versions
from .rendering import REFRESH, spell_abort
from .retraining_page import write_training_report
from .training_record import TrainingRecord

__all__ = ["RetrainingReport"]

logger = package_logger(__name__)

FILE = "report.html"


class RetrainingReport(Callback):
    """Write `report.html` to `save_dir`, so that a retraining can be seen.

    The page has the curves of all epochs, parameters, settings and versions, while the training runs and after it. At
    the end it also has, where labels are classes, the confusion matrix and the images that the network is worst at,
    for which the validation data are iterated once more. Whatever fails in it is warned of and never ends the
    training.

    Args:
        save_dir: a folder, made if need be.
        title: a name for people; the name of the folder if None.
        settings: a dictionary of what else to show, such as the seed.
        language: of the page, 'en' or 'zh_cn'.
        class_names: one for each class.
        test: batches `(inputs, label)` of the test, iterated once at the end; None for the validation batches of the
            retraining, in a run of one process.
        restore: function of images as the network is given them that returns them from 0 to 255, for the thumbnails.
        commands: what may come next, shown with the page.
        resume: the command that resumes a training that was stopped, shown in their place.

    Raises:
        ImportError: jinja2 or Pillow is not installed.
        ValueError: the language is unknown.

    Example:
        >>> Retraining(..., callbacks=[RetrainingReport("runs/trained", class_names=["cat", "dog"])])
    """

    may_fail = True

    def __init__(
        self,
        save_dir: FilePath,
        title: str | None = None,
        settings: Any = None,
        language: str = "en",
        class_names: Sequence[str] = (),
        test: Iterable[tuple[Any, Any]] | None = None,
        restore: Callable[[Array], Array] | None = None,
        commands: Sequence[str] = (),
        resume: str | None = None,
    ) -> None:
        require("jinja2", "PIL", extra="cli", user="a report")
        self.save_dir = fixed_path(save_dir)
        self.title, self.language = title or self.save_dir.resolve().name, find_language(language)
        self.settings, self.class_names = dict(settings or {}), list(class_names)
        self.test, self.restore, self.commands = test, restore, list(commands)
        self.resume = resume
        self.seconds: list[float] = []  # after each epoch, from the first one's beginning

    def get_state(self) -> Any:
        return {"seconds": self.seconds}

    def set_state(self, state: Any) -> None:
        self.seconds = list(state["seconds"])

    def on_search_begin(self, search: Any) -> None:
        clear_unfinished(self.save_dir, [FILE])
        done = len(search.history)
        self.seconds = (self.seconds + [0.0] * done)[:done]
        self.written = time.monotonic()
        self.begun = self.written - (self.seconds[-1] if self.seconds else 0.0)
        size: dict[str, float] = {"parameters": count_parameters(search.model)}
        task = search.task
        shown = {"network": type(search.model).__name__, **search.settings.shown(), "device": search.device}
        trained = {} if task.run.weight_optimizer is not None else task.settings.shown()
        rows = {**shown, **trained, **seeds(), **self.settings}
        self.record = TrainingRecord(
            self.title,
            {name: plain(value) for name, value in rows.items()},
            versions(),
            search.num_epochs,
            genotype=task.present_genotype(),
            result=size,
            device=search.device,
            class_names=self.class_names,
            tested=self.test is not None,
            commands=self.commands,
            resume=self.resume,
        )
        for report, seconds in zip(search.history, self.seconds):
            self._add(report, seconds)

    def on_epoch_end(self, search: Any, report: EpochReport) -> None:
        self.seconds.append(round(time.monotonic() - self.begun, 3))
        self._add(report, self.seconds[-1])
        if time.monotonic() - self.written > REFRESH:
            self._write()

    def on_search_end(self, search: Any, result: Any) -> None:
        self.record.state = "finished"
        self._write()  # what is there already, should the predictions fail
        loader = search.task.valid_loaders[0] if self.test is None else BatchLoader("test", self.test)
        if self.test is not None or search.ranks.count == 1:
            self.record.outcomes = collect_outcomes(search.model, loader, self.restore)
        self._write()

    def on_search_abort(self, search: Any, error: BaseException) -> None:
        if hasattr(self, "record"):
            self.record.state = spell_abort(error)
            self._write()

    def add_result(self, result: dict[str, float]) -> None:
        """Show figures that were measured after the training as well, such as 'multiply_adds'."""
        try:
            self.record.result = {**self.record.result, **result}
            self._write()
        except Exception as error:  # whatever fails: a report never ends a training
            logger.warning("%s cannot be written: %s: %s", self.save_dir / FILE, type(error).__name__, error)

    def _add(self, report: EpochReport, seconds: float) -> None:
        self.record.epochs.append(EpochRecord(report.epoch + 1, seconds, None, {}, collect_figures(report)))

    def _write(self) -> None:
        self.written = time.monotonic()
        write_training_report(self.save_dir / FILE, self.record, self.language)
