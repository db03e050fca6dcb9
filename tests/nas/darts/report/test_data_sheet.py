import io

import pytest
from PIL import Image

from paddleslim.nas.darts.data.overview import Overview
from paddleslim.nas.darts.report.data_sheet import draw_sheet, render_sheet, write_sheet

pytestmark = pytest.mark.any_paddle


@pytest.fixture
def overview():
    thumbnails = {0: [(Image.new("RGB", (8, 4), (9, 8, 7)), "<1>.png")], 1: []}
    return Overview(
        "photos", ["a<b", "猫"], [3, 4, 8], {"train": [1, 0]}, [(20, 10)], {"colour": 1}, [], thumbnails=thumbnails
    )


def test_names_are_text_and_nothing_else(overview):
    page = render_sheet(overview)
    assert "a&lt;b <small>train 1</small>" in page
    assert "&lt;1&gt;.png" in page
    assert "猫" in page
    assert "all 20 x 10 pixels" in page


def test_a_picture_has_a_row_for_each_class(overview):
    sheet = Image.open(io.BytesIO(draw_sheet(overview)))
    assert sheet.size == (8 + 104, 2 * (48 + 30) + 8)
    assert sheet.getpixel((8 + 40, 8 + 16 + 20)) == (9, 8, 7)


def test_another_ending_is_refused(overview, tmp_path):
    with pytest.raises(ValueError, match=r"sheet\.pdf should end in \.html or \.png"):
        write_sheet(tmp_path / "sheet.pdf", overview)
