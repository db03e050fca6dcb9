"""Compiled kernels on disk: used again, made anew where damaged, done without where nothing can be written."""

import os
import pathlib
import pickle
import subprocess
import sys
import time

import pytest

pytest.importorskip("numba")

from paddleslim.kernels import disk_cache
from paddleslim.kernels.disk_cache import ENDING, checked, clean, folders, seal, sources, write

# One pooling by the kernels; prints its sum, how many kernels were compiled, and the warnings.
PROGRAM = """
import warnings
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    import paddleslim, paddle
    from paddleslim.kernels import max_pool2d
    {before}
    compiled = []
    if "numba" in {expected!r}:
        from numba.core.ccallback import CFunc
        plain = CFunc._compile_uncached
        CFunc._compile_uncached = lambda self: compiled.append(self.__name__) or plain(self)
    found = max_pool2d(paddle.arange(48, dtype="float32").reshape([1, 3, 4, 4]))
print(float(found.sum()), len(compiled), sep="\\n")
for warning in caught:
    if "kernel" in str(warning.message) or "operators" in str(warning.message):
        print(warning.message)
"""
SUM = sum(max(16 * c + 4 * min(h + 1, 3) + min(w + 1, 3), 0) for c in range(3) for h in range(4) for w in range(4))


BESIDE = "import pathlib; from paddleslim.kernels import disk_cache; disk_cache.BESIDE = pathlib.Path({!r})"


def start(folder, before=None, expected="numba", **environment):
    """Start a process that pools once, with its kernels in a folder, and none beside the sources or at home."""
    before = BESIDE.format(f"{folder}/beside") if before is None else before
    changed = {"NUMBA_CACHE_DIR": str(folder), "XDG_CACHE_HOME": str(folder), **environment}
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(before=before, expected=expected)],
        env={name: value for name, value in {**os.environ, **changed}.items() if value is not None},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    """Return how many kernels a process compiled, and what it warned of; its result must be right."""
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    total, compiled, *warned = out.splitlines()
    assert float(total) == SUM
    return int(compiled), warned


def run(folder, before=None, expected="numba", **environment):
    return finish(start(folder, before, expected, **environment))


def files(folder):
    return sorted((folder / "paddleslim").iterdir())


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder with the kernels of one pooling, written by two processes at once."""
    folder = tmp_path_factory.mktemp("kernels")
    both = [start(folder), start(folder)]
    compiled, warned = zip(*map(finish, both))
    assert (sum(compiled) > 0, warned) == (True, ([], []))  # the later one may find them all
    assert all(path.suffix == ENDING for path in files(folder))
    return folder


def test_kernels_are_used_again(kept):
    before = {path: path.read_bytes() for path in files(kept)}
    assert run(kept) == (0, [])
    assert {path: path.read_bytes() for path in files(kept)} == before


DAMAGES = (
    lambda content: b"",
    lambda content: content[: len(content) // 2],
    lambda content: bytes(reversed(content)),
    lambda content: seal(b"no pickle"),
    lambda content: seal(pickle.dumps((1, 2, 3))),
)


def test_damaged_kernels_are_made_anew_with_one_line(kept):
    before = files(kept)[: len(DAMAGES)]
    for path, damage in zip(before, DAMAGES):
        path.write_bytes(damage(path.read_bytes()))
    compiled, (warning,) = run(kept)
    assert compiled >= len(DAMAGES) - 1  # the executor itself is not counted
    assert "is damaged" in warning
    assert warning.endswith("it is made anew.")
    for path in before:
        checked(path.read_bytes())


def test_a_file_that_cannot_be_read_is_made_anew_in_another_folder(kept, tmp_path):
    path = files(kept)[0]
    path.unlink()
    path.mkdir()
    assert run(kept, BESIDE.format(str(tmp_path))) == (1, [])
    assert [found.name for found in tmp_path.iterdir()] == [path.name]
    path.rmdir()


def test_a_process_that_can_write_nowhere_does_without_and_says_so_once():
    compiled, (warning,) = run(
        "/proc/1", BESIDE.format("/proc/1"), HOME="/proc/1", XDG_CACHE_HOME=None, LOCALAPPDATA=None
    )
    assert compiled > 0
    assert warning.startswith("compiled kernels cannot be kept on disk (")
    assert warning.endswith("name a folder that can be written in NUMBA_CACHE_DIR.")


def test_the_key_holds_the_source_of_every_module(tmp_path):
    for name in ("simd.py", "gemm.py"):
        (tmp_path / name).write_text("WIDTH = 16\n")
    found = {sources(tmp_path)}
    for name in ("simd.py", "gemm.py", "new.py"):
        (tmp_path / name).write_text("WIDTH = 32\n")
        found.add(sources.__wrapped__(tmp_path))
    assert len(found) == 4


def test_what_nobody_uses_any_longer_is_removed(tmp_path):
    current = sources(disk_cache.PACKAGE)[:16]
    day = disk_cache.DAY
    ages = {
        f"gemm.gemm-{current}-a.nbc": 29 * day,
        f"gemm.gemm-{current}-b.nbc": 31 * day,
        "gemm.gemm-0123456789abcdef-a.nbc": day / 2,
        "gemm.gemm-0123456789abcdef-b.nbc": 2 * day,
        f"gemm.gemm-{current}-a.nbcx.tmp": 2 * day,
        "notes.nbc": 99 * day,
    }
    for name, age in ages.items():
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    clean(tmp_path)
    kept_names = [f"gemm.gemm-{current}-a.nbc", "gemm.gemm-0123456789abcdef-a.nbc", "notes.nbc"]
    assert {path.name for path in tmp_path.iterdir()} == set(kept_names)


def test_a_file_is_put_in_place_whole_or_not_at_all(tmp_path, monkeypatch):
    write(tmp_path / "one", b"old")

    def fail(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path / "one", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("one", b"old")]


def test_the_folder_that_the_user_names_comes_first(monkeypatch):
    monkeypatch.setattr(disk_cache.numba.config, "CACHE_DIR", "somewhere")
    assert folders()[0] == pathlib.Path("somewhere/paddleslim")
