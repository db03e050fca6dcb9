"""What a search chooses by name, known without an import of Paddle, for options and their help."""

from __future__ import annotations

__all__ = ["DIFFERENCES", "METHOD_NAMES"]

DIFFERENCES = ("central", "forward")  # of the second order
METHOD_NAMES = (  # the keys of `methods.METHODS`
    "darts",
    "darts-2nd",
    "beta-darts",
    "darts-minus",
    "drnas",
    "drnas-two-stage",
    "gdas",
    "gumbel",
    "sdarts-rs",
    "sdarts-adv",
    "fair-darts",
    "darts-pt",
    "oles",
)
