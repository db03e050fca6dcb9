import dataclasses
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor

import numpy as np
import pytest

from paddleslim.nas.darts.distributed.executor import ONE_THREAD, make_executor
from paddleslim.nas.darts.truth.protocol import load_images
from paddleslim.nas.darts.truth.space import from_code
from paddleslim.nas.darts.truth.trainings import read_trainings, train_all

CELLS = [from_code(code) for code in ("3nn", "nnn", "n1n", "s1n")]  # the first two and the last two compute the same


@pytest.fixture
def executor():
    with ThreadPoolExecutor(1) as executor:
        yield executor


def test_images_are_pooled_by_the_mean_and_each_class_is_kept_alike(fashion, brief):
    dataset = load_images(fashion, brief)
    assert dataset.image_shape == [1, 14, 14]
    assert np.bincount(dataset.train.label).tolist() == [4] * 10
    assert len(dataset.test) == 50
    whole = load_images(fashion, dataclasses.replace(brief, pool=1)).test.image
    assert dataset.test.image[7, 0, 3, 5] == whole[7, 0, 6:8, 10:12].mean()


def test_cells_that_compute_the_same_are_trained_once_and_what_is_there_is_not_trained_again(
    tmp_path, fashion, brief, executor
):
    lines = []
    train_all(tmp_path / "truth", executor, fashion, brief, CELLS[:3], lines.append)
    assert lines[0] == "4 trainings, 0 of them there already"
    assert len(lines) == 5
    found = read_trainings(tmp_path / "truth", brief, CELLS)
    assert len(found) == 8
    assert found[CELLS[0], 1] == found[CELLS[1], 1]
    assert found[CELLS[2], 0] != found[CELLS[2], 1]

    (tmp_path / "truth" / "n1n-1.json").unlink()
    lines.clear()
    train_all(tmp_path / "truth", executor, fashion, brief, CELLS, lines.append)
    assert lines[0] == "4 trainings, 3 of them there already"
    again = read_trainings(tmp_path / "truth", brief, CELLS)
    assert {key: r["accuracy"] for key, r in again.items()} == {key: r["accuracy"] for key, r in found.items()}


def test_a_process_finds_the_same_accuracy(tmp_path, fashion, brief, executor, monkeypatch):
    for name in ONE_THREAD:
        monkeypatch.setenv(name, "1")  # and after the test what it was
    once = dataclasses.replace(brief, seeds=(3,))
    train_all(tmp_path / "thread", executor, fashion, once, CELLS[-1:], str)
    with make_executor(1) as processes:
        train_all(tmp_path / "process", processes, fashion, once, CELLS[-1:], str)
    found = [read_trainings(tmp_path / name, once, CELLS[-1:])[CELLS[-1], 3] for name in ("thread", "process")]
    assert found[0]["accuracy"] == found[1]["accuracy"]


def test_results_of_another_protocol_are_not_mixed_in(tmp_path, fashion, brief, executor):
    train_all(tmp_path / "truth", executor, fashion, brief, [], str)
    with pytest.raises(ValueError, match="results of another protocol or of other versions"):
        train_all(tmp_path / "truth", executor, fashion, dataclasses.replace(brief, pool=1), [], str)


def test_what_is_not_complete_is_not_read(tmp_path, brief):
    with pytest.raises(FileNotFoundError, match=r"n1n-0\.json is missing; train on until all cells are complete"):
        read_trainings(tmp_path, brief, CELLS[2:])


def test_a_worker_that_dies_is_named_and_the_same_call_resumes(tmp_path, fashion, brief, executor):
    class Dying(ThreadPoolExecutor):
        def submit(self, *arguments):
            if arguments[3] == 1:  # the seed
                future = Future()
                future.set_exception(BrokenExecutor("a process was terminated"))
                return future
            return super().submit(*arguments)

    with Dying(1) as dying, pytest.raises(RuntimeError, match=r"a worker died, .*; start again to resume"):
        train_all(tmp_path / "truth", dying, fashion, brief, CELLS[2:], str)
    train_all(tmp_path / "truth", executor, fashion, brief, CELLS[2:], str)
    assert len(read_trainings(tmp_path / "truth", brief, CELLS[2:])) == 4
