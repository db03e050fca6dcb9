"""Where a progress bar is shown: a terminal, by rich, or the output of a notebook's cell."""

from __future__ import annotations

import sys
import time
from html import escape
from typing import Any

__all__ = ["NotebookView", "TerminalView", "in_notebook"]

BEGINNING = "starting; kernels compile once"
REFRESH = 0.2  # seconds at least between two changes of a notebook's cell, each of which is a message to the browser


def in_notebook() -> bool:
    """Return whether this program runs in the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None
    return getattr(shell, "kernel", None) is not None


class TerminalView:
    """A bar on the last row of a terminal, which vanishes in the end; what is printed is above it.

    Args:
        console: a `rich.console.Console`.
        total: steps of the whole run.
        is_wide: whether there is space for the bar besides the figures.
        is_narrow: whether there is space for epoch, steps and time left alone.
    """

    def __init__(self, console: Any, total: int, is_wide: bool, is_narrow: bool) -> None:
        from rich import progress

        columns = [
            progress.TextColumn("{task.description}"),
            *([progress.BarColumn(20)] if is_wide else []),
            progress.TextColumn("{task.completed:.0f}/{task.total:.0f} steps"),
            progress.TimeRemainingColumn(elapsed_when_finished=True),
            *([] if is_narrow else [progress.TextColumn("{task.fields[means]}")]),
        ]
        self.bar = progress.Progress(*columns, console=console, transient=True)
        self.task = self.bar.add_task(BEGINNING.partition(";")[0] if is_narrow else BEGINNING, total=total, means="")
        self.bar.start()

    def update(self, **changes: Any) -> None:
        """Change `description`, `completed`, `total` or `means`."""
        self.bar.update(self.task, **changes)

    def print(self, line: str) -> None:
        self.bar.console.print(line, highlight=False, soft_wrap=True)

    def end(self) -> None:
        self.bar.stop()


class NotebookView:
    """A bar in the output of a notebook's cell, below the lines that were printed; the lines stay when it ends.

    It is plain HTML, updated in place, so it needs no widgets and a saved notebook shows the lines.

    Args:
        total: steps of the whole run.
    """

    def __init__(self, total: int) -> None:
        from IPython.display import display

        self.lines: list[str] = []
        self.state: dict[str, Any] = {"description": BEGINNING, "completed": 0, "total": total, "means": ""}
        self.begun = self.shown = time.monotonic()
        self.before: int | None = None  # steps that a run had done when it resumed
        self.handle = display(self._bundle(), raw=True, display_id=True)

    def update(self, **changes: Any) -> None:
        """Change `description`, `completed`, `total` or `means`."""
        before = self.state["description"]
        self.state.update(changes)
        if self.before is None and "completed" in changes:
            self.before = changes["completed"] - 1
        if self.state["description"] != before or time.monotonic() - self.shown > REFRESH:
            self._show()

    def print(self, line: str) -> None:
        self.lines.append(line)
        self._show()

    def end(self) -> None:
        self._show(ended=True)

    def _show(self, ended: bool = False) -> None:
        self.shown = time.monotonic()
        self.handle.update(self._bundle(ended), raw=True)

    def _bundle(self, ended: bool = False) -> dict[str, str]:
        """Return the output as HTML, and as text for what shows none."""
        text = "\n".join(self.lines)
        html = f"<pre>{escape(text)}</pre>" if self.lines else ""
        if not ended:
            completed, total = self.state["completed"], self.state["total"]
            parts = [self.state["description"], f"{completed}/{total} steps", self._left(), self.state["means"]]
            said = "  ".join(part for part in parts if part)
            bar = f'<progress value="{completed}" max="{total}"></progress>'
            html, text = f"{html}<div>{bar} {escape(said)}</div>", f"{text}\n{said}".lstrip()
        return {"text/html": html, "text/plain": text}

    def _left(self) -> str:
        """Return how long the steps that are left will take at the pace so far; '' before the first one."""
        done = self.state["completed"] - (self.before or 0)
        if done < 1:
            return ""
        left = round((time.monotonic() - self.begun) / done * (self.state["total"] - self.state["completed"]))
        return f"{left // 3600}:{left // 60 % 60:02}:{left % 60:02} left"
