"""The lines that a search logs are those of PaddleSlim 1.1.1 on Paddle 1.8.5."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from paddleslim.nas.darts import DARTSearch

from .scripts.logged_searches import SEARCHES

RECORDED = Path(__file__).parent / "recorded"
FIGURE = re.compile(r"\d+\.\d{6}")


class Lines(logging.Handler):
    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


@pytest.fixture
def lines():
    handler = Lines()
    logging.getLogger("paddleslim").addHandler(handler)
    yield handler.lines
    logging.getLogger("paddleslim").removeHandler(handler)


@pytest.mark.parametrize("name", list(SEARCHES))
def test_a_search_logs_what_it_logged_under_paddle_1_8(fluid, tmp_path, lines, name):
    model, train_reader, valid_reader, arguments = SEARCHES[name]()
    DARTSearch(model, train_reader, valid_reader, fluid.CPUPlace(), save_dir=str(tmp_path), **arguments).train()
    recorded = (RECORDED / f"log_{name}.txt").read_text().splitlines()
    print("\n".join(lines))
    # Ours adds the signs of a collapse after each epoch, and the genotype after the last.
    assert lines.pop().startswith("genotype = ")
    lines = [line for line in lines if "skip connections" not in line]
    assert [FIGURE.sub("#", line) for line in lines] == [FIGURE.sub("#", line) for line in recorded]
    for line, expected in zip(lines, recorded):
        figures = [[float(figure) for figure in FIGURE.findall(text)] for text in (line, expected)]
        assert figures[0] == pytest.approx(figures[1], rel=0, abs=2.1e-6), line
