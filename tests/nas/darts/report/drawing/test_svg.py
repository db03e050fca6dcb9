import re
from xml.etree import ElementTree

import pytest

from paddleslim.nas.darts import PC_DARTS
from paddleslim.nas.darts.report.drawing import Cell, choose_colour, read_cells, write_cell

pytestmark = pytest.mark.any_paddle


def test_a_cell_is_well_formed_and_names_its_operations():
    for cell in read_cells(PC_DARTS):
        root = ElementTree.fromstring(write_cell(cell))
        texts = [" ".join(part.text for part in text.iter("tspan")) for text in root.iter("text")]
        for operation, _, _ in cell.edges:
            assert operation.replace("_", " ") in texts
        fills = [rect.get("fill") for rect in root.iter("rect")]
        assert [fill for fill in fills if fill] == [choose_colour(operation) for operation, _, _ in cell.edges]


def test_a_name_cannot_break_out_of_the_picture():
    svg = write_cell(Cell("one", 1, [('<script>"&', 0, 1)], [1]))
    ElementTree.fromstring(svg)
    assert "<script" not in svg


def test_everything_lies_in_the_view_box():
    for cell in read_cells(PC_DARTS):
        svg = write_cell(cell)
        width, height = (float(v) for v in re.search(r'viewBox="0 0 (\S+) (\S+)"', svg).groups())
        for points in re.findall(r'points="([^"]+)"', svg):
            for point in points.split():
                x, y = map(float, point.split(","))
                assert 0 < x < width
                assert 0 < y < height
