"""Fonts for pictures whose texts come from users, in whatever script."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator

__all__ = ["all_scripts"]

# Beside matplotlib's own font, which has no Chinese: those of common systems.
CHINESE = (
    *("Noto Sans CJK SC", "Noto Sans CJK JP", "Source Han Sans SC", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei"),
    *("PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "SimHei", "Arial Unicode MS"),
)


@contextlib.contextmanager
def all_scripts() -> Iterator[None]:
    """Let the texts of figures that are made and saved inside fall back on an installed font that has Chinese.

    Where none is installed such a letter is an empty box, and no warning is printed for each.
    """
    import matplotlib
    from matplotlib.font_manager import fontManager

    installed = {font.name for font in fontManager.ttflist}
    families = [*matplotlib.rcParams["font.family"], *(name for name in CHINESE if name in installed)]
    with matplotlib.rc_context({"font.family": families}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from", UserWarning)
        yield
