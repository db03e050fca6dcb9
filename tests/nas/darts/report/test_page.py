import csv
import io
import re

import pytest

from paddleslim.nas.darts.report import read_recording, render_report, write_report
from tests.nas.darts.report.conftest import make_recording
from tests.nas.darts.report.pages import Page, assert_nothing_is_fetched, read_downloads

pytestmark = pytest.mark.any_paddle


def test_fifty_epochs_stay_far_below_three_megabytes(recording):
    assert len(render_report(recording).encode()) < 1.5e6


def test_nothing_is_fetched_from_elsewhere(recording):
    assert_nothing_is_fetched(render_report(recording))


def test_every_figure_of_the_page_holds_something(recording):
    page = Page(render_report(recording))
    for kind, least in (("cell", 2), ("ribbon", 28), ("panel", 28), ("chart", 5)):
        assert len(page.find(kind)) >= least, kind
    text = render_report(recording)
    for svg in re.findall(r"<svg.*?</svg>", text, re.S):
        assert re.search(r"<(polyline|rect|line) ", svg)
    # Eight operations on each of 28 edges, 51 points each; an enlarged panel shows the same lines again.
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


@pytest.mark.parametrize("language", ["en", "zh_cn"])
def test_a_page_says_what_was_searched_how_and_with_what(recording, language):
    words = Page(render_report(recording, language)).words
    for word in ("a search", "seed", "PaddlePaddle", str(recording.epochs[-1].genotype)):
        assert word in words
    assert ("缩减单元" in words) == (language == "zh_cn")


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
    with pytest.raises(ValueError, match="one of en, zh_cn, got 'fr'"):
        render_report(short_recording, "fr")


def test_a_page_replaces_the_one_before(short_recording, tmp_path):
    path = tmp_path / "report.html"
    path.write_text("old")
    write_report(path, short_recording)
    assert path.read_text(encoding="utf-8") == render_report(short_recording)
    assert [file.name for file in tmp_path.iterdir()] == ["report.html"]


def test_every_panel_can_be_enlarged_without_a_script_and_closed_and_turned(recording):
    text = re.sub(r"<script>.*</script>", "", render_report(recording), flags=re.S)
    page = Page(text)
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    targets = [attributes["href"][1:] for _, attributes in page.tags if attributes.get("href", "").startswith("#")]
    assert set(targets) <= ids
    larges = [attributes["id"] for attributes in page.find("large")]
    assert [attributes["href"][1:] for attributes in page.find("frame")] == larges
    assert len(larges) == len(set(larges)) == 28
    for kind in ("close", "previous", "following"):
        assert len(page.find(kind)) == 28
    assert ".large:target, .large.shown { display: flex; }" in text


def test_the_network_its_data_and_the_next_command_are_shown(short_recording):
    short_recording.about = {
        "next": "paddleslim-darts retrain 'my <runs>'",
        "network": {"parameters": 235_162, "multiply_adds": 3_350_000, "latency": 2.5},
        "classes": {"names": ["cat", "<dog>"], "counts": {"training": [31, 32], "validation": [33, 34]}},
    }
    text = render_report(short_recording)
    words = Page(text).words
    for word in ("235,162", "3.35 M", "2.5", "paddleslim-darts retrain 'my <runs>'", "<dog>", "31", "34"):
        assert word in words, word
    assert "<dog>" not in text
    assert len(Page(text).find("copy")) == 2  # genotype and command
    assert len(Page(text).find("copyable")) == 2


def test_of_many_classes_the_first_are_shown(short_recording):
    counts = {"training": [1] * 60}
    short_recording.about = {"classes": {"names": [f"class {i}" for i in range(60)], "counts": counts}}
    words = Page(render_report(short_recording)).words
    assert "class 49" in words
    assert "class 50" not in words
    assert "… 10" in words


def test_the_history_and_the_recording_can_be_saved_from_the_page(short_recording, tmp_path):
    files = read_downloads(render_report(short_recording))
    rows = list(csv.DictReader(io.StringIO(files["history.csv"])))
    assert [row["epoch"] for row in rows] == ["0", "1", "2", "3"]
    assert float(rows[2]["train_loss"]) == short_recording.epochs[2].figures["train_loss"]
    assert rows[0]["train_loss"] == ""
    assert rows[3]["genotype"] == str(short_recording.epochs[3].genotype)
    (tmp_path / "recording.json").write_text(files["recording.json"])
    assert read_recording(tmp_path / "recording.json") == short_recording


def test_one_kind_of_cell_uses_the_whole_width(short_recording):
    short_recording.operations = {"alphas": [["skip_connect", "nor_conv_3x3"]] * 6}
    for record in short_recording.epochs:
        record.genotype = (
            "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_3x3~1|+|nor_conv_3x3~0|skip_connect~1|skip_connect~2|"
        )
        record.strengths = {"alphas": [[0.4, 0.6]] * 6}
    page = Page(render_report(short_recording))
    assert len(page.find("one")) == 3  # the picture and the genotypes, which share a row, and the alphas
    assert len(page.find("cell")) == 1
    assert "Signs of a collapse: the cell has 6 operations, 3 of them skip connections." in page.words


def test_a_search_without_accuracies_is_headed_by_its_metric_and_its_loss(short_recording):
    for record in short_recording.epochs[1:]:
        record.figures = {"train_loss": 2.5, "valid_loss": 2.0, "valid_metrics/mae": 1.58062}
    page = render_report(short_recording)
    assert "<b>1.5806</b><span>validation mae</span>" in re.sub(r"\s*\n\s*", "", page)
    assert "validation mae 1.5806 \\u00b7 training loss 2.5" in page
