"""English and Chinese say the same, as far as a program can tell."""

import re

import pytest

from tests.docs.pages import CHINESE, DOCS, ENGLISH, name, read, read_blocks, read_headings, read_links, read_prose

pytestmark = pytest.mark.any_paddle


def twin(path):
    return DOCS / "zh_cn" / path.name


def test_every_page_has_its_twin():
    assert [path.name for path in ENGLISH] == [path.name for path in CHINESE]


@pytest.mark.parametrize("path", ENGLISH, ids=name)
def test_headings_have_the_same_structure(path):
    assert [level for level, _ in read_headings(path)] == [level for level, _ in read_headings(twin(path))]


def code_of(path):
    """Return the blocks of a page, without the captions of its tables of contents and comments of the shell."""
    blocks = []
    for block in read_blocks(path):
        text = re.sub(r"^:caption:.*\n", "", block.text, flags=re.M)
        text = re.sub(r" *(^|\s)# .*$", "", text, flags=re.M)
        blocks.append((block.language, text))
    return blocks


@pytest.mark.parametrize("path", ENGLISH, ids=name)
def test_code_blocks_are_the_same(path):
    assert code_of(path) == code_of(twin(path))


@pytest.mark.parametrize("path", ENGLISH, ids=name)
def test_tables_have_the_same_rows_and_name_the_same_things(path):
    def rows(page):
        return [re.findall(r"`([^`]+)`", line) for line in read_prose(page).splitlines() if line.startswith("|")]

    english, chinese = rows(path), rows(twin(path))
    assert len(english) == len(chinese)
    for one, other in zip(english, chinese):
        assert sorted(one) == sorted(other)


@pytest.mark.parametrize("path", ENGLISH, ids=name)
def test_formulas_are_the_same(path):
    def formulas(page):
        blocks = re.findall(r"\$\$(.+?)\$\$", read_prose(page), re.S)
        return [re.sub(r"\\text{[^}]*}", "", block) for block in blocks]

    assert formulas(path) == formulas(twin(path))


@pytest.mark.parametrize("path", ENGLISH, ids=name)
def test_links_lead_to_the_same_pages(path):
    def targets(page):
        return sorted(link.partition("#")[0] for link in read_links(page))

    assert targets(path) == targets(twin(path))


@pytest.mark.parametrize("path", CHINESE, ids=name)
def test_a_chinese_page_is_in_chinese(path):
    prose = re.sub(r"`[^`]*`|\$[^$]*\$|\|", "", read_prose(path))
    chinese = len(re.findall(r"[\u4e00-\u9fff]", prose))
    assert chinese > 0.15 * len(prose)
    assert "\ufffd" not in read(path)
