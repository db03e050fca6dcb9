import base64
import csv
import io
import json

import pytest

from paddleslim.nas.darts.report.downloads import link_csv, link_json

pytestmark = pytest.mark.any_paddle


def decode(uri):
    kind, _, content = uri.partition(";charset=utf-8;base64,")
    return kind, base64.b64decode(content).decode()


def test_a_table_is_read_back_with_its_commas_quotes_and_gaps():
    kind, text = decode(link_csv(["name", "value"], [['a "b", c', 1.5], ["猫", None]]))
    assert kind == "data:text/csv"
    assert list(csv.reader(io.StringIO(text))) == [["name", "value"], ['a "b", c', "1.5"], ["猫", ""]]


def test_names_that_are_no_utf_8_are_written_out():
    assert decode(link_csv(["a"], [["\udcff"]]))[1] == "a\n\\udcff\n"
    assert json.loads(decode(link_json(["\udcff"]))[1]) == ["\udcff"]


def test_json_is_read_back():
    kind, text = decode(link_json({"猫": [1, None, "</script>"]}))
    assert kind == "data:application/json"
    assert json.loads(text) == {"猫": [1, None, "</script>"]}
