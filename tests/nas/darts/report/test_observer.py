import builtins
import os

import numpy as np
import pytest

from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.networks.costs import costs_of
from paddleslim.nas.darts.report import Report, observer, read_recording
from paddleslim.nas.darts.retrain.settings import RetrainSettings
from paddleslim.nas.darts.search_space import SPACES
from paddleslim.nas.darts.strategy.perturbation import Perturbation
from paddleslim.nas.darts.strategy.strategy import Strategy
from tests.nas.darts.report.conftest import make_recording
from tests.searches import StopAt, make_search
from tests.supernets import DocumentedSupernet, NormSupernet, random_batches


def run_search(save_dir, report, epochs=2, model=None, train=None):
    batches = random_batches(2)
    model = model or DocumentedSupernet()
    sizes = {"batchsize": 8, "num_imgs": 32, "num_epochs": epochs, "valid_freq": 1, "save_dir": str(save_dir)}
    search = DARTSearch(model, train or batches, batches, "cpu", callbacks=[report], **sizes)
    return search, search.train()


def test_a_search_leaves_a_page_an_animation_and_a_recording(tmp_path):
    search, genotype = run_search(tmp_path, Report(tmp_path / "seen", settings={"note": "first"}))
    assert {file.name for file in (tmp_path / "seen").iterdir()} == {"report.html", "search.gif", "recording.json"}
    recording = read_recording(tmp_path / "seen" / "recording.json")
    assert (recording.title, recording.state) == ("seen", "finished")
    assert recording.settings["note"] == "first"
    assert [record.epoch for record in recording.epochs] == [0, 1, 2]
    assert recording.epochs[-1].genotype == genotype
    assert recording.epochs[1].figures["train_loss"] == search.history[0].train_loss


def test_a_supernet_with_a_genotype_of_its_own_is_seen(tmp_path):
    run_search(tmp_path, Report(tmp_path, language="zh_cn"), model=NormSupernet())
    assert "conv" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_page_of_a_search_that_failed_says_so(tmp_path):
    def train():
        yield from random_batches(2)
        if len(report.recording.epochs) > 1:
            raise RuntimeError("the disk is gone")

    report = Report(tmp_path, animation=False)
    with pytest.raises(RuntimeError, match="the disk is gone"):
        run_search(tmp_path, report, epochs=3, train=train)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "stopped: " in page
    assert "the disk is gone" in page
    assert [record.epoch for record in read_recording(tmp_path / "recording.json").epochs] == [0, 1]


def test_a_file_that_cannot_be_written_does_not_end_the_search(tmp_path, monkeypatch):
    warnings = []
    monkeypatch.setattr(observer.logger, "warning", lambda text, *args: warnings.append(text % args))
    (tmp_path / "taken").write_text("a file where the folder should be")
    _, genotype = run_search(tmp_path, Report(tmp_path / "taken"))
    assert genotype is not None
    (warning,) = warnings
    assert "recording.json cannot be written, the search continues without it" in warning


class Resumed:
    """What a report sees of a search that resumes after `done` epochs."""

    def __init__(self, done):
        self.history = [None] * done


def test_a_search_that_resumes_continues_its_recording(tmp_path, monkeypatch):
    report = Report(tmp_path, animation=False)
    before, now = make_recording(epochs=5, steps=1), make_recording(epochs=5, steps=1, seed=1)
    observer.write_recording(tmp_path / "recording.json", before)
    report.recording, report.begun = now, 100.0
    report._continue(3)
    assert [record.epoch for record in report.recording.epochs] == [0, 1, 2, 3]
    assert report.recording.epochs == before.epochs[:4]
    assert report.begun == pytest.approx(100.0 - before.epochs[3].seconds)


@pytest.mark.parametrize("name", ["jinja2", "matplotlib"])
def test_a_missing_package_is_named_at_once(tmp_path, monkeypatch, name):
    real = builtins.__import__

    def refuse(wanted, *args, **kwargs):
        if wanted == name:
            raise ImportError(f"No module named {wanted!r}")
        return real(wanted, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(
        ImportError, match=rf"a report needs {name}: run `pip install {name}`, or `pip install '\.\[cli\]'` in"
    ):
        Report(tmp_path)


def test_an_unknown_language_is_refused_at_once(tmp_path):
    with pytest.raises(ValueError, match="one of en, zh_cn, got 'de'"):
        Report(tmp_path, language="de")


def test_nothing_is_written_before_the_search(tmp_path):
    Report(tmp_path / "later")
    assert os.listdir(tmp_path) == []


def test_what_is_known_of_the_data_and_the_network_is_recorded(tmp_path):
    about = {"next": "retrain it"}
    report = Report(
        tmp_path, animation=False, about=about, measure=lambda genotype: {"parameters": len(genotype.normal)}
    )
    _, genotype = run_search(tmp_path, report, epochs=1)
    assert read_recording(tmp_path / "recording.json").about == {
        "next": "retrain it",
        "network": {"parameters": len(genotype.normal)},
    }
    assert "retrain it" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("stop", [2, 4])
def test_a_search_that_resumes_within_its_first_epoch_remembers_how_it_began(stop, tmp_path):
    def run(folder, *callbacks, **arguments):
        search = make_search(
            folder, num_epochs=2, callbacks=[Report(folder, animation=False), *callbacks], checkpoint_steps=1
        )
        try:
            search.train(**arguments)
        except KeyboardInterrupt:
            for path in ("recording.json", "report.html"):  # as if it had been killed
                (folder / path).unlink()

    run(tmp_path / "through")
    run(tmp_path / "stopped", StopAt(stop))
    run(tmp_path / "stopped", resume=True)
    through, stopped = (read_recording(tmp_path / name / "recording.json").epochs for name in ("through", "stopped"))
    assert [record.epoch for record in stopped] == [0, 1, 2]
    assert [r.strengths for r in stopped] == [r.strengths for r in through]
    assert [r.genotype for r in stopped] == [r.genotype for r in through]


@pytest.mark.parametrize("broken", ["begin", "add", "write_recording", "write_report", "write_animation"])
@pytest.mark.parametrize("error", [OSError("the disk is gone"), KeyError("a key"), MemoryError(), RecursionError()])
def test_whatever_fails_in_a_report_neither_ends_a_search_nor_hides_its_error(broken, error, tmp_path, monkeypatch):
    def fail(*_):
        raise error

    owner = observer.Recording if broken in ("begin", "add") else observer
    monkeypatch.setattr(owner, broken, fail)
    assert make_search(tmp_path, num_epochs=1, callbacks=[Report(tmp_path)]).train() is not None
    with pytest.raises(KeyboardInterrupt):
        make_search(tmp_path, num_epochs=1, callbacks=[Report(tmp_path), StopAt(2)]).train()


def test_the_page_shows_what_a_selection_found_after_the_last_epoch_and_whether_it_keeps_to_the_budget(tmp_path):
    space = SPACES["nas-bench-201"]
    costs = costs_of(space, "parameters", [1, 8, 8], 10, RetrainSettings(channels=2, layers=1))
    budget = costs.penalty(1.01 * costs.fixed)
    supernet = space.build_supernet(2, 10, 1, 1)
    values = np.zeros(supernet.alphas.shape, "float32")
    values[:, 0] = 1.0  # 'none' everywhere
    supernet.alphas.set_value(values)
    strategy = Strategy(penalties=[budget], selection=Perturbation(epochs=0))
    report = Report(tmp_path, animation=False)
    batches = random_batches(1)
    genotype = DARTSearch(
        supernet, batches, batches, "cpu", num_epochs=1, save_dir=str(tmp_path), strategy=strategy, callbacks=[report]
    ).train()
    recording = read_recording(tmp_path / "recording.json")
    assert recording.epochs[-1].genotype == genotype
    assert recording.epochs[-1].figures["method/cost of the genotype"] == costs.of_genotype(genotype)
    assert recording.settings["budget"] == budget.verdict(genotype)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert budget.verdict(genotype) in page
    assert str(genotype) in page
