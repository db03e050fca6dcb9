"""The page of several searches, and that `--seeds` leaves it."""

import pytest

from paddleslim.nas.darts import DARTS_V1, DARTS_V2
from paddleslim.nas.darts.commands.compared_runs import expand, read_run
from paddleslim.nas.darts.commands.seeds import show_all
from paddleslim.nas.darts.commands.seeds_report import count_shared, list_choices, write_seeds_report
from paddleslim.nas.darts.search_space import SPACES
from paddleslim.nas.darts.state.sealed_json import write_object
from tests.nas.darts.commands.test_compare import write_search
from tests.nas.darts.report.pages import Page, assert_nothing_is_fetched, read_downloads

pytestmark = pytest.mark.any_paddle

RECORDED = {"command": "search", "data": "digits", "space": "darts", "steps": 4, "language": "en", "brief_epochs": 3}


def write_many(folder, searched, random):
    """Write what a page is made of: searches of these accuracies, random cells of those; return its arguments."""
    results = []
    for seed, accuracy in enumerate(searched):
        write_search(folder / f"seed-{seed}", seed, 0.5 + seed / 10)
        genotype = DARTS_V1 if seed else DARTS_V2
        results.append({"kind": "searched", "seed": seed, "accuracy": accuracy, "parameters": 10, "genotype": genotype})
    for seed, accuracy in enumerate(random):
        genotype = SPACES["darts"].draw_genotype(seed)
        results.append({"kind": "random", "seed": seed, "accuracy": accuracy, "parameters": 30, "genotype": genotype})
    write_object(folder / "seeds.json", {"cells": [{**r, "genotype": str(r["genotype"])} for r in results]})
    return folder, results, {**RECORDED, "pick": 1}


def test_the_page_says_what_was_picked_how_far_seeds_agree_and_what_random_cells_have(tmp_path):
    folder, results, recorded = write_many(tmp_path / "many", [0.8, 0.9, 0.85], [0.6, 0.62, 0.64])
    show_all(folder, results, recorded)
    text = (folder / "report.html").read_text(encoding="utf-8")
    reports = [f"seed-{seed}/report.html" for seed in range(3)]  # beside the page, followed when they are clicked
    assert_nothing_is_fetched(text.replace("seed-", "#seed-"))
    page = Page(text)
    shared = len(list_choices(DARTS_V1) & list_choices(DARTS_V2))
    (picked,) = [word for word in page.words if word.startswith("Picked: ")]
    assert picked == (
        "Picked: the cell of seed 1, 90.00% after a brief retraining of 3 epochs. All 3 cells found have 85.00 ± 5.00%."
    )
    (agree,) = [word for word in page.words if word.startswith("Of 16 choices")]
    assert f"two searches share {(16 + 2 * shared) / 3:.1f} on average" in agree
    (chance,) = [word for word in page.words if "permutation test" in word]
    # 20 ways to part six cells, in two of which the means are as far apart
    assert "62.00 ± 2.00%, the difference of the means is +23.00 percentage points" in chance
    assert "with probability 0.1 " in chance
    assert [
        attributes["href"] for tag, attributes in page.tags if tag == "a" and "download" not in attributes
    ] == reports
    rows = read_downloads(text)["cells.csv"].splitlines()
    assert [row.split(",")[:3] for row in rows[1:5]] == [
        ["searched", "0", "0.8"],
        ["searched", "1", "0.9"],
        ["searched", "2", "0.85"],
        ["random", "0", "0.6"],
    ]


def test_one_search_without_random_cells_has_a_page_in_chinese_too(tmp_path):
    folder, results, recorded = write_many(tmp_path, [0.8], [])
    write_seeds_report(folder, results, {**recorded, "pick": 0, "language": "zh_cn"}, SPACES["darts"].draw_genotype)
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "选中种子 0 的单元" in text
    assert "随机单元" not in text


def test_choices_that_two_cells_share_are_counted_over_all_pairs():
    sets = [{1, 2, 3}, {2, 3, 4}, {3}]
    assert count_shared(sets) == pytest.approx((2 + 1 + 1) / 3)
    assert list_choices("a genotype of somebody's own") == set()


def test_a_page_that_cannot_be_written_is_warned_of_and_ends_nothing(tmp_path, caplog):
    folder, results, recorded = write_many(tmp_path, [0.8, 0.9], [])
    (folder / "seed-1" / "history.json").write_text("{")
    with caplog.at_level("WARNING"):
        show_all(folder, results, recorded)
    assert "report.html cannot be written" in caplog.text
    assert len(expand(folder)) == 2
    assert read_run(folder / "seed-0")["validation"] == 0.5
