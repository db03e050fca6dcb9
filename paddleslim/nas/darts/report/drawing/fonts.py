"""Fonts for pictures whose texts come from users, in whatever script."""

from __future__ import annotations

import contextlib
import functools
import pathlib
import warnings
from collections.abc import Iterator

__all__ = ["all_scripts", "find_chinese_font"]

# What the files of fonts with Chinese are called on common systems.
CHINESE = (
    *("notosanscjk", "notosanssc", "sourcehansans", "wqy", "pingfang", "hiragino sans gb", "msyh", "simhei"),
    "arial unicode",
)


@functools.cache
def find_chinese_font() -> str | None:
    """Return the path of an installed font that has Chinese, one of regular weight where there is; None without any."""
    from matplotlib.font_manager import findSystemFonts

    names = {path: pathlib.Path(path).stem.lower() for path in findSystemFonts()}
    found = [path for path, name in names.items() if name.startswith(CHINESE)]
    return min(found, key=lambda path: ("regular" not in names[path], "bold" in names[path], path), default=None)


@contextlib.contextmanager
def all_scripts() -> Iterator[None]:
    """Let the texts of figures that are made and saved inside fall back on an installed font that has Chinese.

    Where none is installed such a letter is an empty box, and no warning is printed for each.
    """
    import matplotlib
    from matplotlib.font_manager import FontProperties, fontManager

    families, path = list(matplotlib.rcParams["font.family"]), find_chinese_font()
    if path is not None:
        with contextlib.suppress(OSError, RuntimeError):  # a damaged file
            if path not in {font.fname for font in fontManager.ttflist}:  # matplotlib's own list may be an old one
                fontManager.addfont(path)
            families.append(FontProperties(fname=path).get_name())
    with matplotlib.rc_context({"font.family": families}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from", UserWarning)
        yield
