"""Evaluations of a retrained network, added to its report after the training has written that."""

from __future__ import annotations

import re
from typing import Any

from ....common.paths import own_path
from ....common.types import FilePath
from ..state.atomic_file import write_text_atomically
from .labels import find_language
from .rendering import render_page, spell_measures

__all__ = ["add_evaluation"]

FIRST = "<!-- evaluations -->"  # where the table comes, in a page that has none yet
NEXT = "<!-- next evaluation -->"  # where its next row comes
LANGUAGE = re.compile(r'<html lang="([\w-]+)">')


def add_evaluation(path: FilePath, evaluation: dict[str, Any]) -> bool:
    """Add a row to the table of evaluations in a report of a retraining; return whether the page has a place for it.

    All else on the page stays as the training wrote it. A page of an earlier release, or of something else, has no
    place, and is left alone.

    Args:
        path: of the page.
        evaluation: what `commands.evaluate.measure` returns; 'when', its time, and 'data', a name of the images, both
            for people.

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
    row = {**{name: evaluation[name] for name in ("when", "data", "device")}, **spell_measures(evaluation)}
    try:
        words = find_language(language[1])
    except ValueError:
        return False
    added = render_page("evaluations.html", words, begins=mark == FIRST, row=row, next=NEXT)
    write_text_atomically(path, page.replace(mark, added))
    return True
