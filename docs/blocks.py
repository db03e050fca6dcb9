"""Blocks of the pages that a program writes: what is between `<!-- NAME -->` and `<!-- end of NAME -->`."""

from __future__ import annotations

import re


def read_block(path, name):
    """Return what the block of a page says now."""
    return find(path, name)[2]


def write_block(path, name, block):
    """Put other text into the block of a page."""
    whole, before, _, after = find(path, name)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(whole, before + block + after), encoding="utf-8")


def find(path, name):
    """Return a block with its marks, and its three parts."""
    pattern = rf"(<!-- {name} -->\n)(.*?)(\n<!-- end of {name} -->)"
    found = re.search(pattern, path.read_text(encoding="utf-8"), re.S)
    if found is None:
        raise ValueError(f"{path} has no block between the marks of {name}")
    return found.group(0, 1, 2, 3)
