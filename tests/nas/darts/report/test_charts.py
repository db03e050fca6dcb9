import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paddleslim.nas.darts.report.charts import choose_ticks, write_lines, write_ribbon

pytestmark = pytest.mark.any_paddle


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6), st.integers(2, 8))
def test_ticks_enclose_the_values_and_are_few(low, span, about):
    ticks = choose_ticks(low, low + span, about)
    tolerance = 1e-6 * max(abs(low), abs(low + span), 1)
    assert ticks[0] <= low + tolerance
    assert ticks[-1] >= low + span - tolerance
    assert 2 <= len(ticks) <= about + 3
    assert len(set(ticks)) == len(ticks)


@pytest.mark.parametrize(
    ("low", "high", "ticks"), [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (3, 3, [3, 4]), (0, 0, [0, 0.2])]
)
def test_ticks_are_round(low, high, ticks):
    assert choose_ticks(low, high, 5)[: len(ticks)] == ticks


def test_counts_have_whole_ticks():
    texts = [text.text for text in ElementTree.fromstring(write_lines({"skips": [(1, 0), (2, 0)]}, 2)).iter("text")]
    assert texts == ["0", "1", "0", "1", "2"]


def test_a_line_rises_where_its_values_do():
    root = ElementTree.fromstring(write_lines({"loss": [(1, 2.0), (2, 1.0), (3, 3.0)]}, 3))
    (line,) = root.iter("polyline")
    points = [tuple(map(float, point.split(","))) for point in line.get("points").split()]
    (x1, y1), (x2, y2), (x3, y3) = points
    assert x1 < x2 < x3
    assert y3 < y1 < y2


def test_values_that_are_not_finite_are_left_out():
    svg = write_lines({"loss": [(1, float("nan")), (2, 1.0), (3, float("inf"))]}, 3)
    assert len(re.findall("<circle", svg)) == 1
    assert "nan" not in svg
    assert write_lines({"loss": [(1, float("nan"))]}, 3) == ""


def test_labels_of_a_chart_stay_inside():
    series = {"eigenvalue": [(e, 12345.678 * e) for e in range(1, 51)]}
    root = ElementTree.fromstring(write_lines(series, 50))
    _, _, width, height = map(float, root.get("viewBox").split())
    for text in root.iter("text"):
        # Letters of 12 px are at most 8 px wide, and end or stand in the middle of their place.
        reach = 8 * len(text.text)
        left = float(text.get("x")) - (reach if text.get("text-anchor") == "end" else reach / 2)
        assert left >= 0, text.text
        assert 8 <= float(text.get("y")) <= height
        assert float(text.get("x")) <= width


def test_a_ribbon_shows_each_choice_once_for_as_long_as_it_lasts():
    svg = write_ribbon(["sep_conv_3x3"] * 3 + [None] * 2 + ["skip_connect"])
    widths = [float(rect.get("width")) for rect in ElementTree.fromstring(svg).iter("rect")]
    assert widths == [3.0, 1.0]
    assert "sep_conv_3x3, 0 - 2" in svg


def test_lines_have_the_colours_that_are_asked_for():
    svg = write_lines({"a": [(1, 0.5)], "b": [(1, 0.6)], "c": [(1, 0.7)]}, 1, colours={"a": 3, "b": 3, "c": 12})
    assert re.findall(r'polyline class="series s(\d+)"', svg) == ["3", "3", "2"]


def test_ticks_that_lie_close_together_are_written_apart():
    chart = write_lines({"entropy": [(1, 2.07941), (2, 2.07944)]}, 2)
    ticks = re.findall(r'text-anchor="end">([^<]+)<', chart)
    assert len(set(ticks)) == len(ticks) > 2


@pytest.mark.parametrize("low", [0.0, 2.0794415, 12345.678])
def test_the_numbers_of_an_axis_differ_and_have_room(low):
    root = ElementTree.fromstring(write_lines({"entropy": [(1, low), (2, low + 2e-7)]}, 2))
    numbers = [text for text in root.iter("text") if text.get("text-anchor") == "end"]
    assert len({text.text for text in numbers}) == len(numbers) >= 2
    assert all(float(text.get("x")) >= 0.64 * 12 * len(text.text) for text in numbers)
