"""Texts from outside on a terminal: what would steer it is shown instead."""

from __future__ import annotations

import re

__all__ = ["visible"]

# Control characters but for the end of a line and the tabulator, surrogates, and what turns the direction of a line.
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    r"""Return a text with each character that steers a terminal written as Python writes it, such as `\x1b`."""
    return STEERING.sub(lambda found: repr(found[0])[1:-1], text)
