import json
import os
import pathlib
import struct
import tempfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from paddleslim.nas.darts.state import checkpoint as module
from paddleslim.nas.darts.state.atomic_file import write_atomically
from paddleslim.nas.darts.state.checkpoint import Checkpoint, DamagedCheckpointError, read_checkpoint, write_checkpoint
from paddleslim.nas.darts.state.checkpoint_folder import CheckpointFolder
from tests.searches import make_search, summarize

DTYPES = st.sampled_from(["float32", "float64", "float16", "int64", "int32", "uint32", "uint16", "uint8", "bool"])
ARRAYS = DTYPES.flatmap(
    lambda dtype: npst.arrays(dtype, npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
)
NAMES = st.text(min_size=1, max_size=12).filter(lambda name: name != "__metadata__")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.dictionaries(st.text(), VALUES, max_size=4)


def assert_same(one, other):
    assert one.record == other.record
    assert set(one.arrays) == set(other.arrays)
    for name, array in one.arrays.items():
        assert other.arrays[name].dtype == array.dtype
        assert other.arrays[name].shape == array.shape
        assert other.arrays[name].tobytes() == array.tobytes()


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(NAMES, ARRAYS, max_size=4), RECORDS)
def test_whatever_is_written_is_read_back(arrays, record):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "file.safetensors"
        written = Checkpoint(arrays, record)
        write_checkpoint(path, written)
        assert_same(written, read_checkpoint(path))
        assert os.listdir(folder) == ["file.safetensors"]


EXAMPLE = Checkpoint(
    {"model/stem.weight": np.linspace(0, 1, 24, dtype="float32").reshape(2, 3, 4), "alphas": np.ones([2, 2])},
    {"epoch": 3, "step": 17, "seeds": [1, 2, 3], "genotype": "sep_conv_3x3"},
)


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """The bytes of a checkpoint, and a path to write altered ones to."""
    path = tmp_path_factory.mktemp("checkpoints") / "file.safetensors"
    write_checkpoint(path, EXAMPLE)
    return path.read_bytes(), path


def read_altered(content, path):
    """Return the checkpoint in these bytes, None where it is refused as damaged."""
    path.write_bytes(content)
    try:
        return read_checkpoint(path)
    except DamagedCheckpointError:
        return None


@settings(deadline=None, max_examples=400)
@given(data=st.data())
def test_flipped_bytes_are_noticed_or_harmless(example, data):
    content, path = example
    altered = bytearray(content)
    places = st.integers(0, len(content) - 1)
    for place, flip in data.draw(st.lists(st.tuples(places, st.integers(1, 255)), min_size=1, max_size=4)):
        altered[place] ^= flip
    found = read_altered(bytes(altered), path)
    if found is not None:
        assert_same(EXAMPLE, found)


def test_every_flipped_bit_is_noticed_or_harmless(example):
    content, path = example
    harmless = 0
    for place in range(len(content)):
        altered = bytearray(content)
        altered[place] ^= 1 << place % 8
        found = read_altered(bytes(altered), path)
        if found is not None:
            harmless += 1
            assert_same(EXAMPLE, found)
    assert harmless < 16  # the header is padded with spaces


def test_every_truncation_is_noticed(example):
    content, path = example
    for length in range(len(content)):
        assert read_altered(content[:length], path) is None


@settings(deadline=None, max_examples=200)
@given(noise=st.binary(max_size=300))
def test_noise_is_refused(example, noise):
    assert read_altered(noise, example[1]) is None


@settings(deadline=None, max_examples=100)
@given(text=st.text(max_size=60))
def test_another_safetensors_file_is_refused(example, text):
    header = json.dumps({"__metadata__": {"record": text, "version": text, "sha256": text}}).encode()
    assert read_altered(struct.pack("<Q", len(header)) + header, example[1]) is None


def test_a_newer_format_is_distinguished_from_damage(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "VERSION", 2)
    write_checkpoint(tmp_path / "newer", EXAMPLE)
    monkeypatch.undo()
    with pytest.raises(
        ValueError, match="newer is of format version 2, and this paddleslim reads up to 1; update"
    ) as e:
        read_checkpoint(tmp_path / "newer")
    assert not isinstance(e.value, DamagedCheckpointError)


def test_a_file_that_cannot_be_written_leaves_the_one_before(tmp_path):
    path = tmp_path / "file"
    write_atomically(path, b"before")
    blocked = tmp_path / "blocked"
    blocked.write_text("no folder")
    with pytest.raises(OSError, match=r"could not be saved .*; what was saved before is intact"):
        write_atomically(blocked / "file", b"after")
    assert path.read_bytes() == b"before"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["blocked", "file"]


def save_three(folder):
    folder = CheckpointFolder(folder, keep=3)
    for step in (1, 2, 3):
        folder.save(0, step, Checkpoint({"step": np.array(step)}, {}))
    return folder


def damage(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def truncate(path):
    path.write_bytes(path.read_bytes()[:-1])


def replace_by_folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (damage, "is altered: its content does not match its checksum; falling back to the checkpoint before it"),
        (truncate, "is truncated or altered"),
        (replace_by_folder, "cannot be read (Is a directory); falling back to the checkpoint before it"),
    ],
)
def test_the_checkpoint_before_a_bad_one_serves_and_it_is_said(harm, message, tmp_path):
    folder = save_three(tmp_path)
    harm(folder.list()[-1])
    warnings = []
    checkpoint, path = folder.load_latest(warnings.append)
    assert checkpoint.arrays["step"] == 2
    assert path.name == "0000-00000002.safetensors"
    assert len(warnings) == 1
    assert message in warnings[0]
    for path in folder.list()[:2]:
        harm(path)
    with pytest.raises(ValueError, match=r"none of the checkpoints in .* can be read; start anew with resume=False"):
        folder.load_latest(warnings.append)


def test_a_damaged_checkpoint_costs_a_search_steps_but_not_its_end(tmp_path, lines):
    through = make_search(tmp_path, num_epochs=2, checkpoint_steps=1)
    through.train()
    damage(sorted((tmp_path / "checkpoints").glob("*.safetensors"))[-1])
    again = make_search(tmp_path, num_epochs=2)
    again.train(resume=True)
    assert summarize(again) == summarize(through)
    assert [line for line in lines if "falling back" in line]


def test_a_read_only_checkpoint_serves_and_is_left_behind(tmp_path):
    through = make_search(tmp_path, num_epochs=2, checkpoint_steps=1)
    through.train()
    for path in (tmp_path / "checkpoints").glob("*.safetensors"):
        path.chmod(0o444)
    (tmp_path / "checkpoints" / "0002-00000000.safetensors").unlink()
    again = make_search(tmp_path, num_epochs=2)
    again.train(resume=True)
    assert summarize(again) == summarize(through)


def test_what_a_killed_process_left_half_written_is_removed(tmp_path):
    make_search(tmp_path, num_epochs=1).train()
    unfinished = tmp_path / "checkpoints" / "0001-00000000.safetensors.123.tmp"
    unfinished.write_bytes(b"half")
    make_search(tmp_path, num_epochs=1).train(resume=True)
    assert not unfinished.exists()


def test_other_files_in_the_folder_are_let_alone(tmp_path):
    folder = CheckpointFolder(tmp_path, keep=1)
    (tmp_path / "notes.safetensors").write_text("mine")
    for step in (1, 2):
        folder.save(0, step, EXAMPLE)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["0000-00000002.safetensors", "notes.safetensors"]
