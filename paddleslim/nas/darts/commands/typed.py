"""Files and folders as they were typed: whether an error is about one of them, and which one may have been meant."""

from __future__ import annotations

import os
from collections.abc import Iterable

import click

from ....common.did_you_mean import nearest

__all__ = ["MISNAMED", "ask_for_typed", "remember_typed", "suggest_path"]

# What a file or folder raises that is not there, is there already, or is of the other kind.
MISNAMED = (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError)
KEY = f"{__name__}.words"


def remember_typed(context: click.Context, words: Iterable[object]) -> None:
    """Keep words of the command line, or of a file of options, for `ask_for_typed`."""
    context.meta.setdefault(KEY, []).extend(map(str, words))


def ask_for_typed(error: Exception, context: click.Context) -> str | None:
    """Return None unless an error is about a file or folder of the command line that is not what the command takes.

    So says its file name, or a sentence such as 'runs/x holds no settings.json'; in `FILE.py:NAME` it is the file. Then
    the question for what may have been meant is returned, '' where nothing has a name like it.
    """
    if not isinstance(error, MISNAMED):
        return None
    subject = str(error).partition(" holds no ")[0] if error.filename is None else str(error.filename)
    words = [word.partition("=")[2] if word.startswith("--") else word for word in context.meta.get(KEY, [])]
    paths = {os.path.realpath(path) for word in words for path in (word, word.rpartition(":")[0]) if path}
    return suggest_path(subject) if os.path.realpath(subject) in paths else None


def suggest_path(path: object) -> str:
    """Return the question for what has nearly the name of a path that is not there, with a blank in front, or ''.

    Names are compared without their endings, which make all files of a kind alike.
    """
    folder, name = os.path.split(str(path))
    try:
        stems = {os.path.splitext(other)[0]: other for other in sorted(os.listdir(folder or "."))}
    except OSError:
        return ""
    near = None if os.path.exists(str(path)) else nearest(os.path.splitext(name)[0], stems)
    return f" Did you mean {os.path.join(folder, stems[near])!r}?" if near else ""
