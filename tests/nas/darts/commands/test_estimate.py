import json
import types

import numpy as np
import pytest

from paddleslim.common import AvgrageMeter
from paddleslim.nas.darts.__main__ import main
from paddleslim.nas.darts.commands import estimate
from paddleslim.nas.darts.commands.estimate import EnoughMeasured, Pace, describe_estimate, project, spell_seconds
from paddleslim.nas.darts.data import Images
from tests.separate import separate_runner


def step(phase, samples):
    meter = AvgrageMeter()
    meter.update(0.5, samples)
    return types.SimpleNamespace(phase=phase, loss=meter)


@pytest.fixture
def pace(monkeypatch):
    """A pace of 3 s to start, 5 training steps, of which the first compiles, and 2 validation steps of 10 samples."""
    clock = iter(np.cumsum([0, 9, 2, 2, 3, 2, 4, 1]).tolist())
    monkeypatch.setattr(estimate.time, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(estimate.time, "process_time", lambda: 3.0)
    pace = Pace()
    pace.on_epoch_begin(None, 0)
    for _ in range(5):
        pace.on_step_end(None, step("Train", 8))
    for samples in (10, 20):
        pace.on_step_end(None, step("Valid", samples))
    return pace


def test_a_run_is_projected_from_the_steps_after_the_warm_up(pace):
    assert pace.step() == 2  # the median of 2, 3, 2
    assert pace.start() == 3 + 9 + 2 - 2 * 2
    assert pace.validation_sample() == pytest.approx(1 / 10)
    found = project(pace, steps=10, epochs=3, valid_freq=2, validated=50)
    assert found["seconds"] == 3 + 7 + 30 * 2 + 2 * 5
    assert found["measured_steps"] == 3
    assert "About 80 s for 3 epochs: 10 s to start, 30 steps of 2 s and 2 validations of 5 s" in describe_estimate(
        found
    )


def test_saving_counts_for_each_epoch_and_the_end_once_with_all_its_evaluations(pace, monkeypatch):
    clock = iter([24.5, 27.5])  # the last step was at 23
    monkeypatch.setattr(estimate.time, "perf_counter", lambda: next(clock))
    called: list = []
    with pytest.raises(EnoughMeasured):
        pace.on_epoch_begin(None, 1)
    pace.measure_end(lambda: called.append(1))
    assert (pace.saving, pace.end, called) == (1.5, 3.0, [1])
    found = project(pace, steps=10, epochs=3, valid_freq=2, validated=50, evaluations=2)
    assert found["end_seconds"] == 3 + 2 * 3  # of 50 images 20 were measured, at 0.1 s each
    assert found["seconds"] == 3 + 7 + 3 * (10 * 2 + 1.5) + 2 * 5 + 9
    assert "2 validations of 5 s; 1.5 s to save each epoch; 9 s at the end, as measured" in describe_estimate(found)


def test_the_memory_is_that_of_the_process():
    assert 50 < estimate.peak_memory() < 100_000


def test_durations_are_spelled_in_two_units_at_most():
    assert [spell_seconds(s) for s in (0.2, 89, 95, 5400, 86400)] == [
        "1 s",
        "89 s",
        "2 min",
        "1 h 30 min",
        "24 h 00 min",
    ]


def test_the_first_images_are_taken():
    images = Images(np.zeros([5, 1, 2, 2], "float32"), np.arange(5), 5)
    assert list(estimate.head(images, 3).label) == [0, 1, 2]
    assert len(estimate.head(images, 9)) == 5


@pytest.mark.parametrize(
    ("command", "epochs", "steps"),
    [
        (["search", "--channels", 4, "--layers", 3, "--steps", 2, "--epochs-no-archopt", 1], 10, 3),
        (["retrain", "DARTS_V2", "--channels", 4, "--layers", 2, "--batch-size", 16, "--epochs", 7], 7, 6),
    ],
)
def test_an_estimate_counts_the_steps_of_the_whole_run_and_leaves_nothing(
    command, epochs, steps, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    if command[0] == "search":
        command += ["--batch-size", 16]
    words = [str(word) for word in [*command, "--limit", 100, "--estimate", "--json"]]
    result = separate_runner().invoke(main, words)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["epochs"], found["steps"]) == (epochs, epochs * steps)
    assert found["seconds"] > found["step_seconds"] * found["steps"] + found["saving_seconds"] * epochs
    assert found["saving_seconds"] > 0
    assert (found["end_seconds"] > 0) == (command[0] == "retrain")
    assert "epochs" in result.stderr
    assert list(tmp_path.iterdir()) == []
