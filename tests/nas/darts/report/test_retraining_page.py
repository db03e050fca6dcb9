import csv
import io
import json

import numpy as np
import pytest
from PIL import Image

from paddleslim.nas.darts import DARTS_V2
from paddleslim.nas.darts.report import EpochRecord, TrainingRecord, render_training, write_training_report
from paddleslim.nas.darts.report.labels import LABELS
from paddleslim.nas.darts.report.outcomes import Outcomes
from paddleslim.nas.darts.report.retraining_page import MATRIX, conclude_training
from tests.nas.darts.report.pages import Page, assert_nothing_is_fetched, read_downloads

pytestmark = pytest.mark.any_paddle

NAMES = ["cat", "<em>dog</em>", '"bird" & co']


def make_outcomes(true, predicted, classes=3):
    true, predicted = np.array(true), np.array(predicted)
    shares = np.where(true == predicted, 0.8, 0.1)
    worst = np.argsort(shares, kind="stable").tolist()
    pictures = {worst[0]: Image.new("RGB", (8, 8), (1, 2, 3))}
    return Outcomes(true, predicted, np.full(len(true), 0.8), shares, classes, worst, pictures)


@pytest.fixture
def record():
    figures = [
        {"train_loss": 2 / e, "train_accuracy": 0.2 * e, "learning_rate": 0.1 / e, "valid_loss": 3 / e}
        for e in (1, 2, 3)
    ]
    epochs = [EpochRecord(e, 2.0 * e, None, {}, of_epoch) for e, of_epoch in enumerate(figures, 1)]
    return TrainingRecord(
        "trained <here>",
        {"note": "<i>"},
        {"PaddlePaddle": "3"},
        4,
        epochs,
        "finished",
        DARTS_V2,
        {"parameters": 1234, "multiply_adds": 5_600_000, "test_accuracy": 0.5, "latency_seconds": 0.0021},
        outcomes=make_outcomes([0, 0, 0, 1, 1, 2], [0, 1, 1, 1, 2, 2]),
        class_names=NAMES,
        tested=True,
        commands=["paddleslim-darts predict 'a b' IMAGES...", "paddleslim-darts export 'a b'"],
    )


@pytest.mark.parametrize("language", ["en", "zh_cn"])
def test_a_page_holds_all_and_fetches_nothing(record, language):
    text = render_training(record, language)
    assert_nothing_is_fetched(text)
    page = Page(text)
    labels = LABELS[language]
    assert len(page.find("chart")) == 3
    assert len(page.find("cell")) == 2
    for word in ("1,234", "5.6 M", "2.1 ms", "paddleslim-darts export 'a b'", "confusion", "worst"):
        word = labels.get(word, word)
        assert any(word in words for words in page.words), word
    assert [attributes["lang"] for tag, attributes in page.tags if tag == "html"] == [labels["lang"]]


def test_names_of_classes_titles_and_settings_are_text_and_nothing_else(record):
    text = render_training(record)
    for word in ("<em>", "<here>", "<i>"):
        assert word not in text
    words = Page(text).words
    for word in (*NAMES, "trained <here>", "<i>"):
        assert word in words
    titles = [attributes["title"] for _, attributes in Page(text).tags if "title" in attributes]
    assert "cat, named <em>dog</em>: 2 of 3 (66.7%)" in titles


def test_the_confusion_matrix_has_a_row_for_each_class(record):
    text = render_training(record)
    table = text[text.index('<table class="confusion">') :]
    page = Page(table[: table.index("</table>") + len("</table>")])
    cells = [attributes for tag, attributes in page.tags if tag == "td" and "title" in attributes]
    assert len(cells) == 9
    assert [("right" in cell["class"].split()) for cell in cells] == [i in (0, 4, 8) for i in range(9)]
    numbers = [word for word in page.words if word.isdecimal()]
    assert numbers == ["1", "2", "0", "0", "1", "1", "0", "0", "1"]
    assert [word for word in page.words if "%" in word] == ["33.3%", "50.0%", "100.0%"]


@pytest.mark.parametrize(("names", "upright"), [(["0", "1", "10"], True), (["cat", "1", "2"], False)])
def test_names_of_digits_are_upright_above_the_confusion_matrix(record, names, upright):
    record.class_names = names
    assert ('<table class="confusion upright">' in render_training(record)) is upright


def test_a_training_that_diverged_says_so_alone(record):
    record.epochs[-1].figures["valid_loss"] = float("inf")
    assert [remark.text.partition(":")[0] for remark in conclude_training(record, LABELS["en"])] == ["Diverged"]


def test_of_many_classes_the_mistakes_are_listed(record):
    classes = MATRIX + 1
    record.class_names = [f"class {i}" for i in range(classes)]
    record.outcomes = make_outcomes([i % classes for i in range(60)], [0] * 60, classes)
    page = Page(render_training(record))
    assert not page.find("confusion")
    assert LABELS["en"]["pairs"] in page.words
    assert "class 7" in page.words


def test_the_worst_image_has_its_thumbnail_and_both_classes(record):
    text = render_training(record)
    (image,) = [attributes for tag, attributes in Page(text).tags if tag == "img"]
    assert image["src"].startswith("data:image/png;base64,")
    assert image["alt"] == "image 1"
    words = Page(text).words
    assert "<em>dog</em> 80.0%" in words
    assert "true class: cat 10.0%" in words


def test_the_sentences_name_accuracy_chance_and_the_most_frequent_mistake(record):
    remarks = conclude_training(record, LABELS["en"])
    assert [remark.text for remark in remarks] == [
        "Test accuracy 50.00% of 6 images after 3 of 4 epochs; chance is 33.3%.",
        "That is no better than always naming the most frequent class, 50.0%.",
        "The accuracy on training images is 10.0 percentage points higher: the network fits them better than images "
        "that it has not seen.",
        "The most frequent mistake: cat is taken for <em>dog</em>, 2 of 3 times.",
    ]
    assert [remark.kind for remark in remarks] == ["plain", "warn", "warn", "plain"]
    record.outcomes = make_outcomes([0, 1], [0, 1])
    assert [remark.kind for remark in conclude_training(record, LABELS["en"])] == ["plain", "good"]


def test_files_can_be_saved_from_the_page(record):
    files = read_downloads(render_training(record))
    assert set(files) == {"history.csv", "confusion.csv", "predictions.csv", "report.json"}
    history = list(csv.DictReader(io.StringIO(files["history.csv"])))
    assert [float(row["train_loss"]) for row in history] == [2.0, 1.0, pytest.approx(2 / 3)]
    predictions = list(csv.DictReader(io.StringIO(files["predictions.csv"])))
    assert predictions[1]["true"] == "cat"
    assert predictions[1]["predicted"] == "<em>dog</em>"
    assert list(csv.reader(io.StringIO(files["confusion.csv"])))[1] == ["cat", "1", "2", "0"]
    whole = json.loads(files["report.json"])
    assert whole["confusion"] == [[1, 2, 0], [0, 1, 1], [0, 0, 1]]
    assert whole["result"]["parameters"] == 1234


def test_a_task_without_classes_has_its_metric_and_no_matrix(record):
    record.outcomes, record.genotype, record.result, record.tested = None, None, {"parameters": 5}, False
    record.epochs[-1].figures.update({"valid_metrics/mae": 0.25, "train_metrics/mae": 0.2})
    text = render_training(record)
    page = Page(text)
    assert "mae 0.25 on the validation data after 3 of 4 epochs." in page.words
    assert not page.find("confusion")
    assert not page.find("cell")
    assert "img" not in [tag for tag, _ in page.tags]
    assert set(read_downloads(text)) == {"history.csv", "report.json"}
    del record.epochs[-1].figures["valid_metrics/mae"]
    assert "Loss 1 on the validation data after 3 of 4 epochs." in Page(render_training(record)).words


def test_a_training_that_has_just_begun_and_one_that_was_stopped_have_pages(record, tmp_path):
    record.epochs, record.outcomes, record.state = [], None, "KeyboardInterrupt"
    write_training_report(tmp_path / "report.html", record)
    page = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "stopped: KeyboardInterrupt" in page.words
    assert "0 of 4" in page.words
