"""The question after a word that is not known."""

from __future__ import annotations

import difflib

__all__ = ["did_you_mean", "nearest"]


def nearest(word, known):
    """Return the known word that is nearest to `word`; None where none is near."""
    near = difflib.get_close_matches(str(word).lower(), [str(name).lower() for name in known], 1, 0.6)
    names = {str(name).lower(): str(name) for name in known}
    return names[near[0]] if near else None


def did_you_mean(word, known):
    """Return the question for the known word that is nearest to `word`, with a blank in front; or nothing."""
    near = nearest(word, known)
    return f" Did you mean {near!r}?" if near else ""
