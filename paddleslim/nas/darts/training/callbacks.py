"""The base of all observers of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .reports import EpochReport, StepReport

__all__ = ["Callback"]


class Callback:
    """Notified of every stage of a run; override what you need. `search` is the `DARTSearch`, or the `Retraining`.

    In a run of several processes only the first one notifies its callbacks, unless `on_every_rank` is True.
    An exception of a callback ends the run; that of one whose `may_fail` is True, since it only shows the run, gets a
    warning.

    Example:
        >>> class StopWatch(Callback):
        ...     def on_epoch_begin(self, search, epoch):
        ...         self.start = time.time()
        ...     def on_epoch_end(self, search, report):
        ...         print(f"epoch {report.epoch}: {time.time() - self.start:.1f} s")
        >>> DARTSearch(..., callbacks=[StopWatch()])
    """

    on_every_rank = False
    may_fail = False

    def on_search_begin(self, search: Any) -> None:
        """Before the first epoch."""

    def on_epoch_begin(self, search: Any, epoch: int) -> None:
        """Before epoch `epoch`, counted from 0."""

    def on_preparation(self, search: Any, what: str) -> None:
        """Before each part of the work that a first step takes, such as "compiling the network"."""

    def on_step_end(self, search: Any, report: StepReport) -> None:
        """After a training or validation step; `report` is a `StepReport`."""

    def on_epoch_end(self, search: Any, report: EpochReport) -> None:
        """After an epoch and its validation, if any; `report` is an `EpochReport`."""

    def on_selection(self, search: Any, decided: int, decisions: int) -> None:
        """After a decision of a selection that works when all epochs are done, such as `Perturbation`."""

    def on_search_end(self, search: Any, genotype: Any) -> None:
        """After the last epoch, with the final genotype."""

    def on_search_abort(self, search: Any, error: BaseException) -> None:
        """When an exception ends the search, before it is passed on."""

    def get_state(self) -> Any:
        """Return what a checkpoint should hold of this callback, in what JSON can say; None for nothing."""
        return None

    def set_state(self, state: Any) -> None:
        """Take back what `get_state` returned, when a run resumes; comes before `on_search_begin`."""
