import os

import pytest

from paddleslim.nas.darts.state.writable import check_writable


def test_a_folder_that_can_be_written_is_made_and_stays_empty(tmp_path):
    check_writable(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"save_dir cannot be written \(.+\); choose another"):
        check_writable(os.fspath(tmp_path / "file" / "folder"))
