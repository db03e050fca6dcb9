import numpy as np
import pytest
from PIL import Image

from paddleslim.nas.darts.report import write_animation
from paddleslim.nas.darts.report.animation import FRAMES, choose_epochs
from paddleslim.nas.darts.report.drawing import choose_colour
from tests.nas.darts.report.conftest import make_recording

pytestmark = pytest.mark.any_paddle


def read_frames(path):
    image = Image.open(path)
    frames = []
    for number in range(image.n_frames):
        image.seek(number)
        frames.append(np.asarray(image.convert("RGB")).astype(int))
    return frames


def test_an_animation_has_a_frame_for_each_epoch_and_they_differ(short_recording, tmp_path):
    write_animation(tmp_path / "search.gif", short_recording)
    frames = read_frames(tmp_path / "search.gif")
    assert len(frames) == 4
    for before, after in zip(frames, frames[1:]):
        assert (before != after).any()
    assert [file.name for file in tmp_path.iterdir()] == ["search.gif"]


def test_a_frame_shows_cells_and_strengths_on_white(short_recording, tmp_path):
    write_animation(tmp_path / "search.gif", short_recording)
    last = read_frames(tmp_path / "search.gif")[-1]
    white = (last == 255).all(axis=-1)
    assert white.mean() > 0.5
    assert white[[0, 0, -1, -1], [0, -1, 0, -1]].all()
    for operation, _ in short_recording.epochs[-1].genotype.normal:
        colour = [int(choose_colour(operation)[i : i + 2], 16) for i in (1, 3, 5)]
        assert (np.abs(last - colour).max(axis=-1) < 12).sum() > 500, operation
    # The lower third holds the table of strengths.
    assert (~white[int(len(white) * 0.75) :]).mean() > 0.1


def test_a_supernet_without_cells_is_animated_too(tmp_path):
    recording = make_recording(epochs=2, steps=1)
    recording.operations = {"alphas": [["conv1x1", "conv3x3"]]}
    for record in recording.epochs:
        record.genotype, record.strengths = (
            "conv3x3",
            {"alphas": [[0.5 - 0.1 * record.epoch, 0.5 + 0.1 * record.epoch]]},
        )
    write_animation(tmp_path / "search.gif", recording)
    assert len(read_frames(tmp_path / "search.gif")) == 3


def test_of_a_long_search_evenly_chosen_epochs_are_shown():
    assert choose_epochs(3) == [0, 1, 2]
    chosen = choose_epochs(601)
    assert len(chosen) == FRAMES
    assert (chosen[0], chosen[-1]) == (0, 600)
    assert max(np.diff(chosen)) - min(np.diff(chosen)) <= 1
