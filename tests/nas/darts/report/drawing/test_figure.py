import numpy as np
import pytest
from PIL import Image

from paddleslim.nas.darts import DARTS_V1, DARTS_V2
from paddleslim.nas.darts.report.drawing import choose_colour
from paddleslim.nas.darts.report.drawing import figure as draw_module
from paddleslim.nas.darts.report.drawing.figure import draw_genotype

pytestmark = pytest.mark.any_paddle


def count_pixels(path, colour):
    image = np.asarray(Image.open(path).convert("RGB")).astype(int)
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return int((np.abs(image - wanted).max(axis=-1) <= 2).sum())


def test_a_picture_shows_both_cells_in_the_colours_of_their_operations(tmp_path):
    path = tmp_path / "cells.png"
    draw_genotype(DARTS_V2, path, "a title with $ and _")
    width, height = Image.open(path).size
    assert width > 1200
    assert height > 400
    for operation in ("sep_conv_3x3", "skip_connect", "dil_conv_3x3", "max_pool_3x3"):
        assert count_pixels(path, choose_colour(operation)) > 2000, operation
    assert count_pixels(path, choose_colour("avg_pool_3x3")) == 0
    assert count_pixels(path, "#ffffff") > 0.6 * width * height


@pytest.mark.parametrize("ending", ["svg", "pdf"])
def test_the_ending_chooses_the_format(tmp_path, ending):
    path = tmp_path / f"cells.{ending}"
    draw_genotype(DARTS_V1, path)
    assert path.read_bytes()[:5] in (b"<?xml", b"%PDF-")


def test_a_cell_of_the_benchmark_is_one_picture(tmp_path):
    path = tmp_path / "cell.png"
    draw_genotype("|nor_conv_3x3~0|+|nor_conv_3x3~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|none~2|", path)
    assert count_pixels(path, choose_colour("nor_conv_1x1")) > 1000


def test_what_is_no_genotype_is_refused(tmp_path):
    with pytest.raises(ValueError, match="expected a Genotype"):
        draw_genotype("conv", tmp_path / "cell.png")


def test_a_png_is_refused_where_it_would_crash(tmp_path, monkeypatch):
    monkeypatch.setattr(draw_module, "is_zlib_safe", lambda: False)
    with pytest.raises(RuntimeError, match="import paddleslim before paddle"):
        draw_genotype(DARTS_V1, tmp_path / "cells.png")
