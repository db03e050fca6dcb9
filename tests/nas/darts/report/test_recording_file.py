import json

import pytest

from paddleslim.nas.darts.report import read_recording, write_recording
from paddleslim.nas.darts.state.sealed_json import read_object, write_object

ABOUT = {
    "next": "retrain",
    "selected": True,
    "network": {"parameters": 3, "latency": 0.5},
    "classes": {"names": ["a", "b"], "counts": {"training": [1, 2]}},
    "random": {"own": 0.5, "random": [0.4]},
}


def test_what_is_known_beside_the_epochs_is_read_back(short_recording, tmp_path):
    short_recording.about = ABOUT
    write_recording(tmp_path / "recording.json", short_recording)
    assert read_recording(tmp_path / "recording.json") == short_recording


def test_a_recording_of_before_that_holds_nothing_beside_the_epochs_is_read(short_recording, tmp_path):
    write_recording(tmp_path / "recording.json", short_recording)
    fields = read_object(tmp_path / "recording.json")
    del fields["about"]
    write_object(tmp_path / "old.json", fields)
    assert read_recording(tmp_path / "old.json") == short_recording


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("next", 3, "`about.next` must be a text, got 3"),
        ("network", {"parameters": "many"}, "`about.network.parameters` must be a whole number or a number"),
        ("classes", {"names": ["a"], "counts": {"training": [1, 2]}}, "`about.classes.counts.training` are not of 1"),
        ("random", {"own": 0.5}, "`about.random.random` is missing"),
    ],
)
def test_a_part_of_another_shape_is_refused_by_its_name(short_recording, tmp_path, name, value, message):
    short_recording.about = {name: value}
    path = tmp_path / "recording.json"
    write_recording(path, short_recording)
    with pytest.raises(ValueError, match=message):
        read_recording(path)
    assert json.loads(path.read_text())["about"] == {name: value}
