"""To which run a checkpoint belongs; what is kept and what is damaged is in test_checkpoint.py."""

import shutil

import numpy as np
import pytest

from paddleslim.nas.darts.state.checkpoint import Checkpoint, read_checkpoint
from paddleslim.nas.darts.state.checkpoint_folder import CheckpointFolder

EXAMPLE = Checkpoint({"w": np.ones(2)}, {})


def new_run(path):
    folder = CheckpointFolder(path)
    folder.begin_run()
    return folder


def test_a_checkpoint_names_its_run_and_whoever_resumes_from_it_saves_for_that_run(tmp_path):
    first = new_run(tmp_path)
    path = first.save(0, 1, EXAMPLE)
    assert read_checkpoint(path).run == first.run
    again = CheckpointFolder(tmp_path)
    again.load_latest(pytest.fail)
    assert again.run == first.run
    again.take_over()
    again.save(0, 3, EXAMPLE)


def test_a_run_stops_before_it_saves_among_the_checkpoints_of_another(tmp_path):
    first, second = new_run(tmp_path / "c"), new_run(tmp_path / "c")
    first.save(0, 1, EXAMPLE)
    second.set_aside(lambda sentence: None)
    second.save(0, 1, EXAMPLE)
    with pytest.raises(RuntimeError, match=r"another run has begun in .*; this one stops"):
        first.save(0, 2, EXAMPLE)
    assert [path.name for path in second.list()] == ["0000-00000001.safetensors"]


def test_a_checkpoint_of_another_run_is_not_resumed_from(tmp_path):
    own, other = new_run(tmp_path / "own"), new_run(tmp_path / "other")
    kept = own.save(0, 1, EXAMPLE)
    shutil.copy(other.save(0, 2, EXAMPLE), tmp_path / "own")
    said = []
    assert CheckpointFolder(tmp_path / "own").load_latest(said.append)[1] == kept
    assert "0000-00000002.safetensors is of another run" in said[0]


def test_a_run_resumed_twice_at_once_continues_in_the_later_one_alone(tmp_path):
    new_run(tmp_path).save(0, 1, EXAMPLE)
    first, second = CheckpointFolder(tmp_path), CheckpointFolder(tmp_path)
    for folder in (first, second):
        folder.load_latest(print)
    first.take_over()
    first.save(0, 2, EXAMPLE)
    second.take_over()
    with pytest.raises(RuntimeError, match="this run was resumed once more in"):
        first.save(0, 3, EXAMPLE)
    second.save(0, 3, EXAMPLE)


def test_checkpoints_of_ranks_from_two_runs_are_not_mixed(tmp_path):
    folder = new_run(tmp_path)
    kept = folder.save(0, 1, EXAMPLE)
    folder.save(0, 2, EXAMPLE)

    def gather(value):
        """Answer for a second rank whose latest checkpoint is of another run."""
        is_latest = isinstance(value, str) and gather.count == 0
        gather.count += isinstance(value, str)
        return [value, "another run" if is_latest else value]

    gather.count, said = 0, []
    assert CheckpointFolder(tmp_path).load_latest(said.append, gather)[1] == kept
    assert "of several runs" in said[0]


@pytest.mark.parametrize("mine", [0, 1])
def test_ranks_killed_while_they_wrote_their_first_checkpoints_begin_anew(mine, tmp_path):
    folder = new_run(tmp_path)
    if mine:
        folder.save(0, 1, EXAMPLE)
    other = [] if mine else [(0, 1)]

    def gather(value):
        """Answer for a second rank, which has a checkpoint where this one has none."""
        return [value, len(other) if isinstance(value, int) else other]

    assert CheckpointFolder(tmp_path).load_latest(print, gather) == (None, None)
    assert folder.list() == []


def test_a_rank_whose_checkpoints_are_gone_does_not_begin_anew(tmp_path):
    folder = new_run(tmp_path)
    folder.save(0, 1, EXAMPLE)
    folder.save(0, 2, EXAMPLE)
    with pytest.raises(ValueError, match="none of the checkpoints in"):
        CheckpointFolder(tmp_path).load_latest(print, lambda value: [value, 0 if isinstance(value, int) else []])
    assert len(folder.list()) == 2
