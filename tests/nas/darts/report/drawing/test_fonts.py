import warnings

import matplotlib
from matplotlib.figure import Figure

from paddleslim.nas.darts.report.drawing.fonts import all_scripts


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
