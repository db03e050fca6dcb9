"""The question after a word that is not known."""

from __future__ import annotations

import difflib

__all__ = ["did_you_mean"]


def did_you_mean(word, known):
    """Return the question for the known word that is nearest to `word`, with a blank in front; or nothing."""
    near = difflib.get_close_matches(str(word).lower(), [str(name).lower() for name in known], 1, 0.6)
    names = {str(name).lower(): str(name) for name in known}
    return f" Did you mean {names[near[0]]!r}?" if near else ""
