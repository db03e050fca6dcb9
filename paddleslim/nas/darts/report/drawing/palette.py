"""One colour for each operation, the same in every picture."""

from __future__ import annotations

import zlib

__all__ = ["choose_colour", "choose_ink"]

# Lines in each have a contrast of 3 or more to white and to the dark card of a report (WCAG 2.2, 1.4.11); every pill
# also carries its operation's name.
COLOURS = {
    "none": "#8995a2",
    "skip_connect": "#62738a",
    "max_pool_3x3": "#d9731a",
    "avg_pool_3x3": "#b48c00",
    "sep_conv_3x3": "#2f6fd0",
    "sep_conv_5x5": "#8a52d6",
    "sep_conv_7x7": "#b8389a",
    "dil_conv_3x3": "#0c7f6d",
    "dil_conv_5x5": "#679a1b",
    "nor_conv_1x1": "#2f93cb",
    "nor_conv_3x3": "#2f6fd0",
    "noise": "#cc4032",
}
SPARE = ("#c2543d", "#1d8fa6", "#9c6b30", "#5a67c9", "#b04f7d", "#4f8a3c", "#7a6fa0", "#c77f9d")


def choose_colour(operation: str) -> str:
    """Return the colour of an operation as '#rrggbb'; one that is not known gets a spare one by its name."""
    return COLOURS.get(operation) or SPARE[zlib.crc32(operation.encode()) % len(SPARE)]


def choose_ink(colour: str) -> str:
    """Return black or white, whichever stands out more on `colour` (WCAG 2, contrast ratio)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    # Contrast is (lighter + 0.05) / (darker + 0.05); the better of the two is at least 4.58 on any colour.
    return "#ffffff" if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 else "#000000"
