"""Evaluations of a retrained network, added to its report after the training has written that."""

from __future__ import annotations

import re
import time
from typing import Any

from ....common.paths import own_path
from ....common.types import FilePath
from ..state.atomic_file import write_text_atomically
from .labels import find_language
from .rendering import render_page

__all__ = ["add_evaluation"]

FIRST = "<!-- evaluations -->"  # where the table comes, in a page that has none yet
NEXT = "<!-- next evaluation -->"  # where its next row comes
LANGUAGE = re.compile(r'<html lang="([\w-]+)">')


def add_evaluation(path: FilePath, data: str, result: dict[str, Any]) -> bool:
    """Add a row to the table of evaluations in a report of a retraining; return whether the page has a place for it.

    All else on the page stays as the training wrote it. A page of an earlier release, or of something else, has no
    place, and is left alone.

    Args:
        path: of the page.
        data: a name of the images, for people.
        result: what `commands.evaluate.measure` returns.

    Raises:
        ImportError: jinja2 is not installed.
        OSError: the page cannot be read or written.
    """
    try:
        page = own_path(path).read_bytes().decode()
    except UnicodeDecodeError:
        return False
    language = LANGUAGE.search(page)
    mark = next((mark for mark in (FIRST, NEXT) if page.count(mark) == 1), None)
    if language is None or mark is None:
        return False
    shown = {
        "when": time.strftime("%Y-%m-%d %H:%M"),
        "data": data,
        "images": f"{result['test_images']:,}",
        "accuracy": f"{result['test_accuracy']:.2%}",
        "top5": "-" if result["test_top5_accuracy"] is None else f"{result['test_top5_accuracy']:.2%}",
        "loss": f"{result['test_loss']:.4f}",
        "latency": f"{1e3 * result['latency_seconds']:.1f} ms",
        "device": result["device"],
    }
    try:
        words = find_language(language[1])
    except ValueError:
        return False
    added = render_page("evaluations.html", words, begins=mark == FIRST, row=shown, next=NEXT)
    write_text_atomically(path, page.replace(mark, added))
    return True
