import pytest

from paddleslim.nas.darts.report import TrainingRecord, render_training
from paddleslim.nas.darts.report.evaluations import add_evaluation
from tests.nas.darts.report.pages import Page, assert_nothing_is_fetched

RESULT = {
    "when": "2020-01-02 03:04",
    "data": "digits",
    "test_accuracy": 0.5,
    "test_top5_accuracy": None,
    "test_loss": 1.25,
    "test_images": 1200,
    "latency_seconds": 0.0021,
    "device": "cpu",
}


@pytest.mark.parametrize(("language", "heading"), [("en", "Evaluations"), ("zh_cn", "评测")])
def test_each_evaluation_is_a_row_of_the_report_and_all_else_stays(tmp_path, language, heading):
    page = tmp_path / "report.html"
    page.write_text(render_training(TrainingRecord("a title", {}, {}, 4), language), encoding="utf-8")
    before = Page(page.read_text(encoding="utf-8")).words
    assert heading not in before
    assert add_evaluation(page, {**RESULT, "data": "<b>moved</b>"})
    assert add_evaluation(page, {**RESULT, "test_top5_accuracy": 0.99, "device": "gpu:0"})
    text = page.read_text(encoding="utf-8")
    assert_nothing_is_fetched(text)
    words = Page(text).words
    assert words.count(heading) == 1
    for word in (
        "<b>moved</b>",
        "digits",
        "2020-01-02 03:04",
        "1,200",
        "50.00%",
        "1.2500",
        "-",
        "99.00%",
        "2.1 ms, cpu",
        "2.1 ms, gpu:0",
    ):
        assert word in words, word
    assert [word for word in before if word not in words] == []
    headings = [attributes["data-heading"] for _, attributes in Page(text).tags if "data-heading" in attributes]
    assert len(headings) == 12  # beside the values of both rows, where a narrow window makes cards of them
    assert set(headings) <= set(words)


@pytest.mark.parametrize("content", ["<html></html>", '<html lang="fr"><!-- evaluations -->', b"\xff"])
def test_a_page_without_a_place_for_evaluations_is_left_alone(tmp_path, content):
    page = tmp_path / "report.html"
    page.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = page.read_bytes()
    assert not add_evaluation(page, RESULT)
    assert page.read_bytes() == before
