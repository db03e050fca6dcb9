"""The pages of the documentation, and what is read from them."""

from __future__ import annotations

import pathlib
import re
from typing import NamedTuple

ROOT = pathlib.Path(__file__).parents[2]
DOCS = ROOT / "docs"
ENGLISH = sorted((DOCS / "en").glob("*.md"))
CHINESE = sorted((DOCS / "zh_cn").glob("*.md"))
ALONE = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
FENCE = re.compile(r"^( *)```(\S*)[^\n]*\n(.*?)^\1```$", re.S | re.M)


class Block(NamedTuple):
    """A fenced block: its language, its text, and the line where it starts."""

    language: str
    text: str
    line: int


def name(path):
    return str(path.relative_to(ROOT))


def read(path):
    return path.read_text(encoding="utf-8")


def read_blocks(path):
    """Return the fenced blocks of a page."""
    text = read(path)
    return [Block(m[2], m[3], text[: m.start()].count("\n") + 2) for m in FENCE.finditer(text)]


def read_prose(path):
    """Return a page without its fenced blocks."""
    return FENCE.sub("", read(path))


def read_headings(path):
    """Return `(level, text)` of every heading."""
    return [(len(m[1]), m[2]) for m in re.finditer(r"^(#+) (.+)$", read_prose(path), re.M)]


def read_links(path):
    """Return the targets of all links and pictures, references too."""
    prose = re.sub(r"`[^`\n]*`", "", read_prose(path))
    return re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r"^\[[^\]]+\]: (\S+)$", prose, re.M)


def make_anchor(heading):
    """Return the anchor of a heading, as GitHub and MyST make it."""
    text = re.sub(r"`|\*", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
