"""Templates, and what is spelled alike in every report."""

from __future__ import annotations

import pathlib
import statistics
from collections.abc import Iterable
from typing import Any

from ....common.visible import visible
from ....extras import require
from ..training.signals import SearchInterrupted
from .labels import LABELS, find_language

__all__ = [
    "REFRESH",
    "choose_commands",
    "render_page",
    "spell_abort",
    "spell_count",
    "spell_duration",
    "spell_mean",
    "spell_measures",
    "spell_state",
]

TEMPLATES = pathlib.Path(__file__).with_name("templates")
REFRESH = 10.0  # seconds at least between two pages of what runs
UNITS = ((1e9, "G"), (1e6, "M"))
MEASURES = {
    "test_accuracy": "{:.2%}",
    "test_top5_accuracy": "{:.2%}",
    "test_loss": "{:.4f}",
    **dict.fromkeys(("test_images", "parameters", "multiply_adds"), "{:,}"),
}


def render_page(template: str, language: str, **content: Any) -> str:
    """Return a page as text; every text in it is escaped.

    Args:
        template: the name of a file in `templates`.
        language: see `find_language`; the template gets its words as `t`.
        content: what else the template shows.

    Raises:
        ImportError: jinja2 is not installed.
        ValueError: the language is unknown.
    """
    require("jinja2", extra="cli", user="a report")
    import jinja2

    loader = jinja2.FileSystemLoader(str(TEMPLATES))
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, loader=loader)
    # names of files that are no UTF-8 could not be written, and control characters are no HTML
    return visible(environment.get_template(template).render(t=LABELS[find_language(language)], **content))


def spell_abort(error: BaseException) -> str:
    """Return the state of what ended by an exception; a signal is no error, and only its name is of use."""
    if isinstance(error, SearchInterrupted):
        return str(error).partition("stopped by ")[2]
    return f"{type(error).__name__}: {error}".rstrip(": ")


def spell_state(state: str, labels: dict[str, str]) -> str:
    """Return the state of a run in the words of a page: one that they know, or the exception that ended it."""
    return labels.get(state) or f"{labels['stopped']} {state}"


def choose_commands(state: str, commands: Iterable[str], resume: str | None) -> list[str]:
    """Return what the page offers next: `commands`, or the one that resumes where the run was stopped."""
    return list(commands) if resume is None or state in ("running", "finished") else [resume]


def spell_duration(seconds: float) -> str:
    """Return a duration in two units at most."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s" if minutes else f"{seconds} s"


def spell_count(count: float) -> str:
    """Return a number below a million as it is, a larger one in three digits and a unit, such as 3.35 M."""
    for size, unit in UNITS:
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count:,.6g}"


def spell_measures(result: dict[str, Any]) -> dict[str, str]:
    """Return those measures of a network, as `commands.evaluate.measure` returns them, that there are, as texts."""
    known = {name: value for name, value in result.items() if value is not None}
    spelled = {name: form.format(known[name]) for name, form in MEASURES.items() if name in known}
    if "latency_seconds" in known:
        spelled["latency_seconds"] = f"{1e3 * known['latency_seconds']:.1f} ms"
    return spelled


def spell_mean(values: Iterable[float]) -> str:
    """Return mean and standard deviation (of a sample, n - 1) of accuracies, such as 97.00 ± 0.50%."""
    known = list(values)
    mean = statistics.fmean(known)
    return f"{100 * mean:.2f} ± {statistics.stdev(known):.2%}" if len(known) > 1 else f"{mean:.2%}"
