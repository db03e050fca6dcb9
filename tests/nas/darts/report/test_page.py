import re
from html.parser import HTMLParser

import pytest

from paddleslim.nas.darts.report import render_report, write_report
from paddleslim.nas.darts.report.labels import LABELS
from paddleslim.nas.darts.report.page import list_tiles
from tests.nas.darts.report.conftest import make_recording

VOID = {"meta", "link", "input"}


class Page(HTMLParser):
    """Tags, attributes and texts of a page; raises where tags do not nest."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data.strip())

    def find(self, kind):
        return [attributes for tag, attributes in self.tags if kind in attributes.get("class", "").split()]


def test_fifty_epochs_stay_far_below_three_megabytes(recording):
    assert len(render_report(recording).encode()) < 1.5e6


def test_nothing_is_fetched_from_elsewhere(recording):
    text = render_report(recording)
    page = Page(text)
    for _, attributes in page.tags:
        for name in ("src", "href", "data", "action", "xlink:href"):
            assert attributes.get(name) in (None, "data:,")
    assert "http" not in text
    assert "@import" not in text
    assert "url(" not in text


def test_every_figure_of_the_page_holds_something(recording):
    page = Page(render_report(recording))
    for kind, least in (("cell", 2), ("ribbon", 28), ("panel", 28), ("chart", 5)):
        assert len(page.find(kind)) >= least, kind
    text = render_report(recording)
    for svg in re.findall(r"<svg.*?</svg>", text, re.S):
        assert re.search(r"<(polyline|rect|line) ", svg)
    # Eight operations on each of 28 edges, 51 points each.
    panels = re.findall(r'<svg class="panel".*?</svg>', text)
    lines = [points for panel in panels for points in re.findall(r'points="([^"]+)"', panel)]
    assert len(lines) == 28 * 8
    assert {len(points.split()) for points in lines} == {51}


def test_each_epoch_shows_the_cells_of_its_genotype_and_at_first_the_last(recording):
    page = Page(render_report(recording))
    pictures = [attributes for _, attributes in page.tags if "data-epochs" in attributes]
    shown = [attributes["data-epochs"].split() for attributes in pictures]
    assert sorted(int(epoch) for epochs in shown for epoch in epochs) == sorted(list(range(51)) * 2)
    visible = [attributes["data-epochs"].split() for attributes in pictures if "hidden" not in attributes]
    assert [epochs[-1] for epochs in visible] == ["50", "50"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_says_what_was_searched_how_and_with_what(recording, language):
    words = Page(render_report(recording, language)).words
    for word in ("a search", "seed", "PaddlePaddle", str(recording.epochs[-1].genotype)):
        assert word in words
    assert ("缩减单元" in words) == (language == "zh")


def test_text_cannot_break_out_of_the_page(short_recording):
    short_recording.title = "</title><script>alert(1)</script>"
    short_recording.settings["note"] = '"><img src=x>'
    text = render_report(short_recording)
    assert text.count("<script") == 1
    assert "<img" not in text


def test_a_search_that_has_just_begun_and_one_that_was_stopped_have_pages():
    recording = make_recording(epochs=3, steps=1)
    recording.epochs, recording.state = recording.epochs[:1], "KeyboardInterrupt"
    page = Page(render_report(recording))
    assert "stopped: KeyboardInterrupt" in page.words
    assert not page.find("bar")


def test_a_genotype_that_cannot_be_drawn_is_written(short_recording):
    short_recording.operations = {"alphas": [["conv1x1", "conv3x3"]]}
    for record in short_recording.epochs:
        record.genotype, record.strengths = "conv3x3", {"alphas": [[0.4, 0.6]]}
    page = Page(render_report(short_recording))
    assert "conv3x3" in page.words
    assert not page.find("cell")
    assert len(page.find("panel")) == 1


def test_an_unknown_language_is_refused(short_recording):
    with pytest.raises(ValueError, match="one of en, zh, got 'fr'"):
        render_report(short_recording, "fr")


def test_a_page_replaces_the_one_before(short_recording, tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    write_report(path, short_recording)
    assert path.read_text(encoding="utf-8") == render_report(short_recording)
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_a_genotype_that_changed_in_the_last_epoch_is_not_called_settled(short_recording):
    first, *rest = short_recording.epochs
    for record in rest:
        record.genotype = rest[-1].genotype
    first.genotype = "another"
    assert LABELS["en"]["settled"] in dict(map(reversed, list_tiles(short_recording, LABELS["en"])))
    rest[-1].genotype = "changed at last"
    tiles = dict(map(reversed, list_tiles(short_recording, LABELS["en"])))
    assert LABELS["en"]["settled"] not in tiles
    assert tiles[LABELS["en"]["unsettled"]] == str(rest[-1].epoch)
