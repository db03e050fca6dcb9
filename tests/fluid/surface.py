"""How much of fluid, as scripts named it, is here: the names of `surface.tsv`, looked up."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

from paddleslim.fluid._placeholder import Placeholder

MISSING = object()
SURFACE = Path(__file__).with_name("surface.tsv")


def read_names():
    """Return the full names of `surface.tsv` that fluid has, such as 'fluid.layers.relu'."""
    names = [line.split("\t")[0] for line in SURFACE.read_text().splitlines()]
    return [name[len("paddle.") :] for name in names if name.startswith("paddle.fluid.")]


def look_up(name):
    """Return 'available', 'static graph', 'named' (an equivalent is) or 'unknown' for a name of fluid."""
    parts = name.split(".")[1:]
    value = importlib.import_module("paddle.fluid")
    for part in parts:
        if isinstance(value, Placeholder):
            break
        value = getattr(value, part, MISSING)
    if value is MISSING:
        return "unknown"
    if isinstance(value, Placeholder):
        return "static graph" if "out of scope" in value.__doc__ else "named"
    # A module without a file stands for one of static graphs.
    return "static graph" if isinstance(value, ModuleType) and not hasattr(value, "__file__") else "available"


def count(names):
    """Return how many of the names there are of each kind."""
    kinds = [look_up(name) for name in names]
    return {kind: kinds.count(kind) for kind in ("available", "static graph", "named", "unknown")}


def group(name):
    """Return the part of fluid a name belongs to, for the table."""
    parts = name.split(".")
    return "fluid" if len(parts) == 2 else ".".join(parts[:2])


def make_table(heading):
    """Return the table of the documentation, in Markdown.

    Args:
        heading: the titles of its five columns.
    """
    names = read_names()
    groups = sorted({group(name) for name in names}, key=lambda g: (g != "fluid", g))
    rows = [(f"`{g}`", [name for name in names if group(name) == g]) for g in groups]
    rows.append((heading[-1], names))
    lines = ["| " + " | ".join(heading[:5]) + " |", "|---|---|---|---|---|"]
    for title, members in rows:
        counts = count(members)
        cells = [title, len(members), counts["available"], counts["static graph"], counts["named"]]
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    return "\n".join(lines)
