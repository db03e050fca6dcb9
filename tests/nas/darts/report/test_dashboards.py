import io

import numpy as np
import pytest
from PIL import Image

from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.report import TensorBoard, VisualDL, dashboards
from tests.supernets import PRIMITIVES, DocumentedSupernet, NormSupernet, random_batches

EPOCHS, STEPS = 2, 3


def run_search(callback, save_dir, model=None):
    batches = random_batches(STEPS)
    sizes = {"batchsize": 8, "num_imgs": 48, "num_epochs": EPOCHS, "valid_freq": 1, "save_dir": str(save_dir)}
    search = DARTSearch(model or DocumentedSupernet(), batches, batches, "cpu", callbacks=[callback], **sizes)
    search.train()
    return search


def test_visualdl_reads_what_was_written(tmp_path):
    visualdl = pytest.importorskip("visualdl", reason="visualdl is an extra")
    search = run_search(VisualDL(tmp_path / "log", freq=2), tmp_path)
    (log,) = (tmp_path / "log").iterdir()
    reader = visualdl.LogReader(file_path=str(log))

    losses = reader.get_data("scalar", "epoch/train_loss")
    assert [entry.id for entry in losses] == [0, 1]
    np.testing.assert_allclose([entry.value for entry in losses], [r.train_loss for r in search.history], rtol=1e-6)
    assert [entry.id for entry in reader.get_data("scalar", "step/loss")] == [0, 2, 3, 5]

    tags = reader.get_tags()
    assert {f"strength/normal/{operation}" for operation in PRIMITIVES} <= set(tags["scalar"])
    assert set(tags["histogram"]) == {"alphas/normal", "alphas/reduction"}
    assert reader.get_data("text", "genotype")[0].text.encoded_text_string == str(search.history[0].genotype)
    picture = Image.open(io.BytesIO(reader.get_data("image", "cells")[0].image.encoded_image_string))
    assert picture.size[0] > 1000
    assert np.asarray(picture).std() > 10


def test_tensorboard_events_hold_the_same(tmp_path):
    pytest.importorskip("tensorboardX", reason="tensorboardX is an extra")
    from tensorboardX.proto import event_pb2

    search = run_search(TensorBoard(tmp_path / "log"), tmp_path)
    (log,) = (tmp_path / "log").iterdir()
    events = [event_pb2.Event.FromString(record) for record in split_records(log.read_bytes())]
    values = [(value.tag, event.step, value) for event in events for value in event.summary.value]
    losses = [value.simple_value for tag, _, value in values if tag == "epoch/train_loss"]
    np.testing.assert_allclose(losses, [report.train_loss for report in search.history], rtol=1e-6)
    (image,) = {value.image.encoded_image_string for tag, step, value in values if tag == "cells" and step == 0}
    assert Image.open(io.BytesIO(image)).size[0] > 1000


def split_records(data):
    """Yield the records of an event file: length (8 bytes), checksum (4), record, checksum (4)."""
    while data:
        length = int.from_bytes(data[:8], "little")
        yield data[12 : 12 + length]
        data = data[16 + length :]


def test_a_supernet_without_named_operations_is_logged(tmp_path):
    visualdl = pytest.importorskip("visualdl", reason="visualdl is an extra")
    run_search(VisualDL(tmp_path / "log"), tmp_path, NormSupernet())
    (log,) = (tmp_path / "log").iterdir()
    tags = visualdl.LogReader(file_path=str(log)).get_tags()
    assert tags["histogram"] == ["alphas/alphas"]
    assert "image" not in tags


def test_a_picture_that_would_crash_is_left_out_with_a_warning(tmp_path, monkeypatch):
    warnings = []
    visualdl = pytest.importorskip("visualdl", reason="visualdl is an extra")
    monkeypatch.setattr(dashboards, "is_zlib_safe", lambda: False)
    monkeypatch.setattr(dashboards.logger, "warning", warnings.append)
    run_search(VisualDL(tmp_path / "log"), tmp_path)
    assert "import paddleslim before paddle" in warnings[0]
    (log,) = (tmp_path / "log").iterdir()
    assert "image" not in visualdl.LogReader(file_path=str(log)).get_tags()


def test_a_frequency_below_one_is_refused(tmp_path):
    pytest.importorskip("visualdl", reason="visualdl is an extra")
    with pytest.raises(ValueError, match="freq must be a whole number of at least 1, got 0"):
        VisualDL(tmp_path, freq=0)
