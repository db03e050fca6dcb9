"""The scripts of `docs/examples` are what the pages show, which tests/docs/test_code_blocks.py runs."""

import ast

import pytest

from tests.docs.pages import DOCS, read_blocks

SCRIPTS = sorted(path for path in (DOCS / "examples").glob("*.py") if path.stem != "choice")


def blocks_of(page, language):
    return [block.text for block in read_blocks(DOCS / "en" / f"{page}.md") if block.language == language]


def test_there_is_a_script_for_each_of_six_tasks():
    names = ["recurrent", "regression", "segmentation", "several_labels", "time_series", "two_inputs"]
    assert [path.stem for path in SCRIPTS] == names


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_page_shows_its_script_and_what_it_prints(path):
    assert blocks_of(path.stem, "python") == [path.read_text(encoding="utf-8")]
    (printed,) = blocks_of(path.stem, "text")
    genotype = printed[: printed.index("}") + 1]
    assert all(f"self.{name} = Choice(" in path.read_text(encoding="utf-8") for name in ast.literal_eval(genotype))


def test_what_the_scripts_share_is_on_their_page():
    assert blocks_of("any_task", "python") == [(DOCS / "examples" / "choice.py").read_text(encoding="utf-8")]
