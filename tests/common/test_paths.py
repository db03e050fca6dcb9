import os

import numpy as np
import pytest

from paddleslim.common.paths import fixed_path, is_url, own_path
from paddleslim.nas.darts import DARTS_V1
from paddleslim.nas.darts.commands.trained import load_trained
from paddleslim.nas.darts.data import load_dataset
from paddleslim.nas.darts.genotype.json_file import read_genotype, write_genotype
from paddleslim.nas.darts.report.drawing import draw_genotype
from paddleslim.nas.darts.truth import load_table


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    """A home folder, and another to work in, which must stay empty."""
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(work)
    yield home
    assert list(work.iterdir()) == []


def test_a_tilde_is_the_home_folder_and_a_fixed_path_is_absolute(home, tmp_path):
    assert own_path("~/a") == home / "a"
    assert str(own_path("a~/b")) == os.path.join("a~", "b")
    assert fixed_path("../c") == tmp_path / "c"


def test_files_are_written_to_the_home_folder_and_read_from_it(home):
    write_genotype("~/cells.json", DARTS_V1)
    assert read_genotype("~/cells.json") == DARTS_V1
    draw_genotype(DARTS_V1, "~/cells.svg")
    np.savez(home / "mine.npz", image=(np.arange(320) % 251).astype("uint8").reshape(20, 4, 4), label=np.arange(20) % 2)
    assert len(load_dataset("~/mine.npz").train) == 16
    assert sorted(path.name for path in home.iterdir() if path.is_file()) == ["cells.json", "cells.svg", "mine.npz"]


def test_what_is_not_there_is_named_with_the_whole_path(home):
    with pytest.raises(FileNotFoundError, match=str(home / "table.json")):
        load_table("~/table.json")
    with pytest.raises(OSError, match=str(home / "run")):
        load_trained("~/run")
    with pytest.raises(FileNotFoundError, match=f"data_dir {home / 'none'} is no folder"):
        load_dataset("mnist", "~/none")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://a.org/b.png", True),
        ("s3:/a/b", True),
        ("C:/a.png", False),
        ("file:///a.png", False),
        ("a/b:c.png", False),
        ("~/a", False),
    ],
)
def test_an_address_is_no_path(text, expected):
    assert is_url(text) is expected
