"""The page of DARTSearch lists its arguments as they are, in both languages."""

import inspect
import re

import pytest

from paddleslim.nas.darts import DARTSearch
from tests.docs.pages import DOCS, read_prose


def list_parameters():
    parameters = list(inspect.signature(DARTSearch.__init__).parameters.values())[1:]
    return [(p.name, "" if p.default is p.empty else repr(p.default), p.kind is p.KEYWORD_ONLY) for p in parameters]


def read_tables(language):
    """Return the rows of each table whose second column is a default."""
    sections = re.split(r"^## .*$", read_prose(DOCS / language / "api.md"), flags=re.M)
    row = re.compile(r"^\| `(\w+)` \| (?:`(.+?)`)? ?\| (.+) \|$", re.M)
    return [row.findall(section) for section in sections[1:3]]


@pytest.mark.parametrize("language", ["en", "zh_cn"])
def test_all_arguments_stand_there_in_order_with_their_defaults(language):
    positional, keywords = read_tables(language)
    documented = [(argument, default, False) for argument, default, _ in positional]
    documented += [(argument, default, True) for argument, default, _ in keywords]
    assert documented == list_parameters()


@pytest.mark.parametrize("language", ["en", "zh_cn"])
def test_the_fifteen_are_fifteen_and_all_are_explained(language):
    positional, keywords = read_tables(language)
    assert len(positional) == 15
    assert all(len(meaning) > 5 for _, _, meaning in positional + keywords)


@pytest.mark.parametrize("language", ["en", "zh_cn"])
def test_every_public_name_is_on_the_page(language):
    from paddleslim.nas import darts

    text = read_prose(DOCS / language / "api.md")
    assert [public for public in darts.__all__ if public not in text] == []
