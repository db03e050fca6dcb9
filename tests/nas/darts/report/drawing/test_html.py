import xml.etree.ElementTree as ElementTree

import pytest

from paddleslim.nas.darts import DARTS_V2, Genotype
from paddleslim.nas.darts.genotype.nas_bench_201 import NASBench201Genotype
from paddleslim.nas.darts.report.drawing import choose_colour, read_cells, write_cells

pytestmark = pytest.mark.any_paddle

OTHER = NASBench201Genotype("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_3x3~2|")


@pytest.mark.parametrize("genotype", [DARTS_V2, OTHER])
def test_a_notebook_shows_a_genotype_as_its_cells(genotype):
    page = ElementTree.fromstring(f"<body>{genotype._repr_html_()}</body>")
    assert len(page.findall(".//svg")) == len(genotype.cells())
    drawn = [box.get("fill") for box in page.findall(".//rect") if box.get("fill")]
    assert sorted(drawn) == sorted(choose_colour(op) for cell in read_cells(genotype) for op, _, _ in cell.edges)
    assert page.findtext(".//code") == str(genotype)


def test_the_picture_brings_every_colour_it_uses_and_styles_nothing_around_it():
    style = ElementTree.fromstring(f"<body>{write_cells(DARTS_V2)}</body>").findtext("style")
    used = {part.split(")")[0] for part in style.split("var(")[1:]}
    assert all(f"{name}: #" in style for name in used)
    assert all(rule.strip().startswith(".paddleslim-cells") for rule in style.split("}") if rule.strip())


def test_a_genotype_that_cannot_be_drawn_is_shown_as_text():
    assert Genotype("what", [], [], [])._repr_html_() is None
