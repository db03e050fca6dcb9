"""Whole scripts of 2020, run as they are; what they print is what they printed under Paddle 1.8.5."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent / "scripts"
RECORDED = Path(__file__).parent / "recorded"
NUMBER = re.compile(r"-?\d+\.\d+|\d+")


@pytest.mark.parametrize("script", ["lenet", "resnet", "language_model", "classifier"])
def test_a_script_prints_what_it_printed_in_2020(script, capsys):
    runpy.run_path(str(SCRIPTS / f"{script}.py"), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    recorded = (RECORDED / f"{script}.txt").read_text().splitlines()
    assert [NUMBER.sub("#", line) for line in lines] == [NUMBER.sub("#", line) for line in recorded]
    numbers, expected = (
        [float(number) for line in text for number in NUMBER.findall(line)] for text in (lines, recorded)
    )
    assert numbers == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_a_script_runs_that_imports_more_than_it_uses(capsys):
    runpy.run_path(str(SCRIPTS / "borrowed.py"), run_name="__main__")
    assert capsys.readouterr().out == "loss fell: True, learning rate 0.01\n"
