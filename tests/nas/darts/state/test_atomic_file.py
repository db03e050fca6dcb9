import errno
import json
import os
import stat

import pytest

from paddleslim.nas.darts.state.atomic_file import clear_unfinished, write_atomically, write_text_atomically
from paddleslim.nas.darts.state.run_files import clear_run
from paddleslim.nas.darts.state.run_lock import FolderInUseError, locked
from tests.searches import make_search

ERRORS = ("EINVAL", "EIO", "EACCES", "EPERM", "ENOTSUP", "ENOSYS", "EBADF", "EROFS", "EISDIR")


@pytest.fixture
def failing(monkeypatch):
    """Let `os.fsync` fail with an error, of folders or of files."""
    sync = os.fsync

    def fail(name, of_folders):
        def fsync(descriptor):
            if stat.S_ISDIR(os.fstat(descriptor).st_mode) == of_folders:
                raise OSError(getattr(errno, name), os.strerror(getattr(errno, name)))
            sync(descriptor)

        monkeypatch.setattr(os, "fsync", fsync)

    return fail


@pytest.mark.parametrize("name", ERRORS)
def test_a_folder_that_cannot_be_synced_keeps_the_file(name, failing, tmp_path):
    failing(name, of_folders=True)
    write_atomically(tmp_path / "file", b"content")
    assert (tmp_path / "file").read_bytes() == b"content"
    assert os.listdir(tmp_path) == ["file"]


def test_a_folder_that_cannot_be_opened_keeps_the_file(monkeypatch, tmp_path):
    def refuse(*_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    write_atomically(tmp_path / "file", b"content")
    assert (tmp_path / "file").read_bytes() == b"content"


@pytest.mark.parametrize(("name", "written"), [("EINVAL", True), ("ENOSYS", True), ("EIO", False), ("ENOSPC", False)])
def test_a_file_is_in_place_unless_its_content_may_be_lost(name, written, failing, tmp_path):
    failing(name, of_folders=False)
    if written:
        write_atomically(tmp_path / "file", b"content")
        assert (tmp_path / "file").read_bytes() == b"content"
        return
    with pytest.raises(OSError, match="could not be saved"):
        write_atomically(tmp_path / "file", b"content")
    assert not os.listdir(tmp_path)


def test_a_search_runs_to_its_end_where_nothing_can_be_synced(failing, tmp_path):
    failing("EINVAL", of_folders=True)
    assert make_search(tmp_path, num_epochs=1).train() is not None
    assert (tmp_path / "0" / "params.pdparams").is_file()
    assert len(list((tmp_path / "checkpoints").glob("*.safetensors"))) == 1


def test_what_killed_searches_left_is_removed_and_nothing_else(tmp_path):
    ours = [
        "0/params.pdparams.12.tmp",
        "0/genotype.json.12.tmp",
        "17/genotype.json.9999999.tmp",
        "genotype.json.3.tmp",
        *(f"{name}.json.3.tmp" for name in ("settings", "history", "result", "recording", "seeds")),
        "network.safetensors.3.tmp",
        "checkpoints/0001-00000000.safetensors.12.tmp",
        "checkpoints/run.txt.12.tmp",
    ]
    foreign = [
        "mine.12.tmp",
        "0/mine.tmp",
        "notes/genotype.json.12.tmp",
        "genotype.json.old.tmp",
        "0/params.pdparams.tmp",
    ]
    for name in [*ours, *foreign]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("half a file")
    make_search(tmp_path, num_epochs=1).train()
    assert [name for name in ours if (tmp_path / name).exists()] == []
    assert [name for name in foreign if (tmp_path / name).exists()] == foreign


def test_what_another_process_writes_stays_while_it_holds_the_folder(tmp_path):
    unfinished = tmp_path / "genotype.json.12.tmp"
    unfinished.write_text("half a file")
    with locked(tmp_path, 0, 1, print), pytest.raises(FolderInUseError):
        make_search(tmp_path, num_epochs=1).train()
    assert unfinished.exists()


def test_bytes_of_a_name_that_are_no_text_are_what_python_has_for_them_in_json(tmp_path):
    name = b"bad\xff".decode(errors="surrogateescape")
    write_text_atomically(tmp_path / "names.json", json.dumps([name, "猫"], ensure_ascii=False))
    assert json.loads((tmp_path / "names.json").read_text(encoding="utf-8")) == [name, "猫"]


def test_an_absent_folder_has_nothing_to_clear(tmp_path):
    clear_unfinished(tmp_path / "none", ["genotype.json"])
    clear_run(tmp_path / "none")
