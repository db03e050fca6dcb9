import re
from xml.etree import ElementTree

import numpy as np
import pytest

from paddleslim.nas.darts.report.labels import LABELS
from paddleslim.nas.darts.report.panels import spell_strengths, write_large_panel, write_panel

pytestmark = pytest.mark.any_paddle


def test_the_chosen_operation_is_drawn_last_and_bold():
    rows = np.random.default_rng(0).random([4, 3]).tolist()
    kinds = re.findall(r'polyline class="strength (\w+)"', write_panel(rows, ["none", "b", "c"], (0, 1), chosen="b"))
    assert kinds == ["none", "other", "chosen"]


def test_a_panel_keeps_its_lines_inside():
    svg = write_panel([[0.1, 0.9], [0.5, 0.5]], ["a", "b"], (0.1, 0.9))
    heights = [float(y) for points in re.findall(r'points="([^"]+)"', svg) for y in re.findall(r",(\S+)", points)]
    assert (min(heights), max(heights)) == (0.0, 100.0)


def enlarge(rows, epochs):
    return ElementTree.fromstring(write_large_panel(rows, ["a<b", "c"], (0, 1), epochs, "0-1", LABELS["en"]))


def test_an_enlarged_panel_shows_the_lines_of_the_small_one_between_axes():
    root = enlarge([[0.1, 0.9], [0.5, 0.5], [0.8, 0.2]], [0, 1, 2])
    (use,) = root.iter("use")
    assert use.get("href") == "#lines-0-1"
    assert 'id="lines-0-1"' in write_panel([[0.1, 0.9]], ["a", "b"], (0, 1), name="0-1")
    texts = [text.text for text in root.iter("text")]
    assert {"0", "0.2", "1", "2", "epoch"} <= set(texts)
    # the lines span 2 epochs in width and 100 units in height; the grid says where 0 and 1 are
    left, top, x, y = map(float, re.findall(r"[\d.]+", use.get("transform")))
    heights = sorted({float(line.get("y1")) for line in root.iter("line") if line.get("class") == "grid"})
    assert (heights[0], heights[-1]) == (top, top + 100 * y)
    ticks = {text.text: float(text.get("x")) for text in root.iter("text") if text.get("text-anchor") == "middle"}
    assert (ticks["2"] - left) == round(2 * x, 1)


def test_each_place_of_an_enlarged_panel_says_its_strengths_the_strongest_first():
    root = enlarge([[0.1, 0.9], [0.7, 0.3]], [4, 5])
    titles = [title.text for title in root.iter("title")]
    assert titles == ["epoch 4\nc 0.900\na<b 0.100", "epoch 5\na<b 0.700\nc 0.300"]


def test_the_places_of_a_long_search_are_few_and_cover_it_all():
    rows = np.linspace([0.2, 0.8], [0.8, 0.2], 601).tolist()
    bands = list(enlarge(rows, list(range(601))).iter("rect"))
    assert len(bands) == 60
    ends = [(float(band.get("x")), float(band.get("x")) + float(band.get("width"))) for band in bands]
    assert all(abs(end - start) < 0.3 for (_, end), (start, _) in zip(ends, ends[1:]))
    assert (ends[0][0], round(ends[-1][1])) == (56.0, 706)


def test_strengths_are_spelled_in_their_order():
    assert spell_strengths([0.2, 0.5], ["a", "b"]) == "b 0.500, a 0.200"


@pytest.mark.parametrize("rows", [[[0.1, 0.9]], [[0.1249, 0.1251], [0.1248, 0.12505]], [[1e-7, 2e-7], [0, 5e-7]]])
def test_the_numbers_of_an_axis_differ_and_have_room_at_the_size_of_a_narrow_window(rows):
    values = np.ravel(rows)
    large = write_large_panel(rows, ["a", "b"], (min(values), max(values)), range(len(rows)), "0-1", LABELS["en"])
    numbers = [text for text in ElementTree.fromstring(large).iter("text") if text.get("text-anchor") == "end"]
    assert len({text.text for text in numbers}) == len(numbers) >= 3
    assert all(float(text.get("x")) >= 0.64 * 20 * len(text.text) for text in numbers)  # a wide face's digits
