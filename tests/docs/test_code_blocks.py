"""Every block of Python in the documentation runs; those of a page one after the other, as a reader would."""

import random

import numpy as np
import paddle
import pytest

import paddleslim_fluid_hook  # noqa: F401  (as at the start of the interpreter where the package is installed)
from tests.docs.pages import ALONE, CHINESE, DOCS, ENGLISH, name, read_blocks

WITH_PYTHON = [path for path in ENGLISH + ALONE if any(block.language == "python" for block in read_blocks(path))]


@pytest.fixture
def own_random_numbers():
    """Restore the random states of Paddle, numpy and Python."""
    states = paddle.get_rng_state(), np.random.get_state(), random.getstate()
    yield
    paddle.set_rng_state(states[0])
    np.random.set_state(states[1])
    random.setstate(states[2])


@pytest.mark.parametrize("path", WITH_PYTHON, ids=name)
def test_the_code_of_a_page_runs(path, tmp_path, monkeypatch, own_random_numbers):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(DOCS / "examples"))  # as of a script there
    variables = {"__name__": "__main__"}
    for block in read_blocks(path):
        if block.language == "python":
            # Line breaks put the lines where they stand on the page, for a readable traceback.
            exec(compile("\n" * (block.line - 1) + block.text, name(path), "exec"), variables)


def test_there_is_code_to_run():
    assert len(WITH_PYTHON) >= 6


@pytest.mark.parametrize("path", ENGLISH + CHINESE + ALONE, ids=name)
def test_every_block_says_its_language(path):
    known = {"python", "bash", "text", "yaml", "json", "html", "{toctree}", "{eval-rst}"}
    assert [(block.line, block.language) for block in read_blocks(path) if block.language not in known] == []
