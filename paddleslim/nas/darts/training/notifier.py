"""How callbacks are notified, and what is done about one that fails."""

from __future__ import annotations

from .log import logger

__all__ = ["Notifier"]


class Notifier:
    """Notify callbacks: all on the first of several ranks, on the others those that want it.

    Args:
        ranks: the `Ranks` of this launch.
        name: what messages call the run.
    """

    def __init__(self, ranks, name):
        self.ranks, self.name = ranks, name
        self.failed: list = []  # callbacks of which it was said

    def select(self, callbacks):
        """Return those of the callbacks that this rank notifies."""
        return [callback for callback in callbacks if self.ranks.is_first or callback.on_every_rank]

    def notify(self, callbacks, hook, *args):
        """Call the method `hook` of each callback; an exception passes, but for that of one that may fail."""
        for callback in self.select(callbacks):
            try:
                getattr(callback, hook)(*args)
            except Exception as error:
                if not callback.may_fail:
                    raise
                self._warn_of(callback, error)

    def _warn_of(self, callback, error):
        """Say once that a callback whose failure ends nothing has failed."""
        if callback not in self.failed:
            self.failed.append(callback)
            name, reason = type(callback).__name__, f"{type(error).__name__}: {error}"
            logger.warning("%s failed, and the %s runs on without it: %s", name, self.name, reason)

    def abort(self, callbacks, run, error):
        """Notify callbacks of what ends the run; one that fails over it hides neither that nor the others."""
        for callback in self.select(callbacks):
            try:
                callback.on_search_abort(run, error)
            except Exception as other:
                name = type(callback).__name__
                logger.warning("on_search_abort of %s failed: %s: %s", name, type(other).__name__, other)
