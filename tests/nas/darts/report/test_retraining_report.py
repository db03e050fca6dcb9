import numpy as np
import paddle
import pytest
from paddle import nn

from paddleslim.nas.darts.report import RetrainingReport
from paddleslim.nas.darts.report import retraining_report as module
from paddleslim.nas.darts.retrain import Retraining, RetrainSettings
from tests.nas.darts.report.pages import Page
from tests.searches import StopAt


def images():
    rng = np.random.default_rng(0)
    for _ in range(2):
        yield rng.normal(size=[8, 1, 4, 4]).astype("float32"), rng.integers(0, 3, [8, 1])


def numbers():
    rng = np.random.default_rng(0)
    for _ in range(2):
        inputs = rng.normal(size=[8, 4]).astype("float32")
        yield inputs, inputs.sum(axis=1, keepdims=True)


def retrain(folder, report, reader=images, epochs=2, resume=False, callbacks=(), **options):
    paddle.seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(16, 3)) if reader is images else nn.Linear(4, 1)
    settings = RetrainSettings(epochs=epochs, batch_size=8)
    options = {"save_dir": folder, "valid_freq": 1, "callbacks": [report, *callbacks], **options}
    retraining = Retraining(network, reader, reader, settings, **options)
    retraining.train(resume)
    return retraining


def read(folder):
    return Page((folder / "report.html").read_text(encoding="utf-8"))


def test_a_retraining_leaves_its_curves_its_mistakes_and_what_it_cost(tmp_path):
    report = RetrainingReport(tmp_path, "a title", {"note": "mine"}, "en", ["<a>", "b", "c"], commands=["go on"])
    retraining = retrain(tmp_path, report)
    page = read(tmp_path)
    for word in ("a title", "finished", "mine", "51", "2 of 2", "<a>", "go on", "Confusion matrix", "Worst images"):
        assert word in page.words, word
    assert len(page.find("right")) == 3
    assert report.record.outcomes.accuracy == pytest.approx(retraining.history[-1].valid_accuracy)
    assert [record.epoch for record in report.record.epochs] == [1, 2]
    report.add_result({"multiply_adds": 48})
    assert "48" in read(tmp_path).words


def test_a_task_without_classes_has_a_report_too(tmp_path):
    options = {"criterion": nn.functional.mse_loss, "metrics": ["mae"]}
    retraining = retrain(tmp_path, RetrainingReport(tmp_path, language="zh_cn"), numbers, **options)
    page = read(tmp_path)
    mae = retraining.history[-1].valid_metrics["mae"]
    assert f"训练 2 / 2 轮之后，验证数据上的 mae 为 {mae:.5g}。" in page.words
    assert not page.find("confusion")
    assert len(page.find("chart")) == 3


def test_the_test_that_is_given_is_used_instead_of_the_validation(tmp_path):
    test = [(np.zeros([5, 1, 4, 4], "float32"), np.zeros([5, 1], "int64"))]
    report = RetrainingReport(tmp_path, test=test, restore=lambda image: image + 7)
    retrain(tmp_path, report, epochs=1)
    assert len(report.record.outcomes.true) == 5
    assert report.record.outcomes.pictures[0].getpixel((0, 0)) == (7, 7, 7)


def test_a_retraining_that_resumes_shows_all_its_epochs_and_their_time(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        retrain(tmp_path, RetrainingReport(tmp_path), epochs=3, callbacks=[StopAt(3)], checkpoint_steps=1)
    assert "stopped: KeyboardInterrupt" in " ".join(read(tmp_path).words)
    report = RetrainingReport(tmp_path)
    retrain(tmp_path, report, epochs=3, resume=True, checkpoint_steps=1)
    assert [record.epoch for record in report.record.epochs] == [1, 2, 3]
    seconds = [record.seconds for record in report.record.epochs]
    assert seconds == sorted(seconds)
    assert "finished" in read(tmp_path).words


@pytest.mark.parametrize("broken", ["TrainingRecord", "collect_outcomes", "write_training_report", "collect_figures"])
def test_whatever_fails_in_a_report_neither_ends_a_retraining_nor_hides_its_error(broken, tmp_path, monkeypatch):
    def fail(*_, **__):
        raise KeyError("a key")

    monkeypatch.setattr(module, broken, fail)
    report = RetrainingReport(tmp_path)
    assert len(retrain(tmp_path, report, epochs=1).history) == 1
    report.add_result({"multiply_adds": 3})
    with pytest.raises(KeyboardInterrupt):
        retrain(tmp_path, RetrainingReport(tmp_path), epochs=2, callbacks=[StopAt(2)])


def test_an_unknown_language_is_refused_at_once(tmp_path):
    with pytest.raises(ValueError, match="language must be one of en, zh_cn, got 'fr'"):
        RetrainingReport(tmp_path, language="fr")
