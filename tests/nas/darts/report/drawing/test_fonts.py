import warnings

import matplotlib.font_manager
import pytest
from matplotlib.figure import Figure

from paddleslim.nas.darts.report.drawing.fonts import all_scripts, find_chinese_font


def test_a_chinese_title_is_drawn_without_warnings(tmp_path):
    before = list(matplotlib.rcParams["font.family"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with all_scripts():
            figure = Figure(figsize=(1, 1))
            figure.text(0, 0, "我的图片")
            figure.savefig(tmp_path / "title.png")
    assert matplotlib.rcParams["font.family"] == before
    assert (tmp_path / "title.png").stat().st_size > 0


def test_a_font_with_chinese_is_found_by_the_name_of_its_file(monkeypatch):
    paths = ["/f/DejaVuSans.ttf", "/f/NotoSansCJK-Bold.ttc", "/f/NotoSansCJK-Regular.ttc"]
    for count, found in ((1, None), (2, paths[1]), (3, paths[2])):
        monkeypatch.setattr(matplotlib.font_manager, "findSystemFonts", lambda count=count: paths[:count])
        assert find_chinese_font.__wrapped__() == found


def test_a_chinese_letter_is_drawn_by_that_font():
    if find_chinese_font() is None:
        pytest.skip("no font with Chinese is installed")
    with all_scripts():
        family = matplotlib.font_manager.FontProperties().get_family()
        files = matplotlib.font_manager.fontManager._find_fonts_by_props(matplotlib.font_manager.FontProperties())
    assert len(family) > 1
    assert find_chinese_font() in [str(getattr(file, "path", file)) for file in files]
