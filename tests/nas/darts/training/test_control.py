"""What a user does to a run while it runs, and around it."""

import collections
import dataclasses
import enum
import logging
import os
import threading

import numpy as np
import paddle
import pytest
from paddle import nn

from paddleslim.common.checks import Folder
from paddleslim.nas.darts import Callback
from paddleslim.nas.darts.report.dashboards import Dashboard
from paddleslim.nas.darts.report.observer import Report
from paddleslim.nas.darts.retrain.retraining import SaveNetwork
from tests.searches import make_search, summarize
from tests.supernets import DocumentedSupernet, NormSupernet


class Stop(Callback):
    """Stop the run at the end of epoch `at`, or at its first step."""

    def __init__(self, at, hook):
        self.at = at
        setattr(self, hook, self.act)

    def act(self, search, report):
        if report.epoch == self.at:
            search.stop()


@pytest.mark.parametrize("hook", ["on_step_end", "on_epoch_end"])
def test_stop_ends_after_validation_with_all_results_and_resumes(tmp_path, hook):
    whole = make_search(tmp_path / "whole", valid_freq=None)
    whole.train()
    stopped = make_search(tmp_path / "stopped", valid_freq=None, callbacks=[Stop(1, hook)])
    genotype = stopped.train()
    assert [report.valid_loss is not None for report in stopped.history] == [False, True]
    assert genotype == stopped.history[-1].genotype
    assert (tmp_path / "stopped" / "genotype.json").is_file()
    resumed = make_search(tmp_path / "stopped", valid_freq=None)
    resumed.train(resume=True)
    assert summarize(resumed)[0] == summarize(whole)[0]
    assert len(resumed.history) == 3


class Freeze(Callback):
    def on_epoch_begin(self, search, epoch):
        search.model.alphas_normal.stop_gradient = True


@pytest.mark.parametrize("unrolled", [False, True])
def test_an_alpha_frozen_by_a_callback_stays_frozen(tmp_path, unrolled):
    search = make_search(tmp_path, make_model=DocumentedSupernet, callbacks=[Freeze()], unrolled=unrolled, num_epochs=1)
    normal, reduce = (a.numpy() for a in search.model.arch_parameters())
    search.train()
    assert search.model.alphas_normal.stop_gradient
    np.testing.assert_array_equal(search.model.alphas_normal.numpy(), normal)
    assert (search.model.alphas_reduce.numpy() != reduce).any()


class FreezeFirst(Callback):
    """Freeze a parameter of this name after the first epoch, and once more let go another."""

    def __init__(self, name, free=None):
        self.name, self.free = name, free

    def on_epoch_end(self, search, report):
        if report.epoch == 0:
            parameters = search.task.named_parameters()
            parameters[self.name].stop_gradient = True
            if self.free:
                parameters[self.free].stop_gradient = False


@pytest.mark.parametrize("name", ["alphas_normal", "classifier.weight"])
@pytest.mark.parametrize("same_process", [False, True])
def test_what_a_callback_froze_before_an_interruption_stays_frozen_after_it(tmp_path, name, same_process):
    def make(folder, **options):
        return make_search(tmp_path / folder, make_model=DocumentedSupernet, **options)

    whole = make("whole", callbacks=[FreezeFirst(name)])
    whole.train()
    stopped = make("stopped", callbacks=[FreezeFirst(name), Stop(0, "on_epoch_end")])
    stopped.train()
    resumed = stopped if same_process else make("stopped")
    resumed.train(resume=True)
    assert resumed.task.named_parameters()[name].stop_gradient
    assert summarize(resumed)[0] == summarize(whole)[0]


def test_what_is_frozen_for_the_rest_is_the_users_choice(tmp_path):
    make_search(tmp_path, make_model=DocumentedSupernet, num_epochs=1).train()
    resumed = make_search(tmp_path, make_model=DocumentedSupernet, num_epochs=2)
    resumed.model.alphas_normal.stop_gradient = True
    resumed.train(resume=True)
    assert resumed.model.alphas_normal.stop_gradient


def test_alphas_that_a_callback_lets_go_are_trained_and_weights_warned_of(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("paddleslim.nas.darts.training.log"), "propagate", True)
    monkeypatch.setattr(logging.getLogger("paddleslim"), "propagate", True)

    def make():
        model = DocumentedSupernet()
        for parameter in (*model.arch_parameters(), model.classifier.weight):
            parameter.stop_gradient = True
        return model

    freed = [FreezeFirst("alphas_normal", free="alphas_reduce"), FreezeFirst("alphas_normal", free="classifier.weight")]
    search = make_search(tmp_path, make_model=make, callbacks=freed, num_epochs=2)
    normal, reduce, weight = (p.numpy() for p in (*search.model.arch_parameters(), search.model.classifier.weight))
    search.train()
    np.testing.assert_array_equal(search.model.alphas_normal.numpy(), normal)
    np.testing.assert_array_equal(search.model.classifier.weight.numpy(), weight)
    assert (search.model.alphas_reduce.numpy() != reduce).any()
    assert caplog.text.count("`classifier.weight` was frozen when the search began, so it is not trained") == 1


def test_a_run_that_is_asked_to_stop_before_it_begins_has_one_epoch(tmp_path):
    search = make_search(tmp_path)
    search.stop()
    search.train()
    assert [report.valid_loss is not None for report in search.history] == [True]
    search.train(resume=True)
    assert len(search.history) == 3


@pytest.mark.parametrize("unrolled", [False, True])
def test_a_model_in_another_type_than_the_default_is_given_its_own(tmp_path, unrolled):
    def make():
        model = DocumentedSupernet()
        model.to(dtype="float64")
        return model

    search = make_search(tmp_path, make_model=make, unrolled=unrolled, num_epochs=1)
    search.train()
    assert search.train_loader.last[0].dtype == paddle.float64
    assert search.model.classifier.weight.dtype == paddle.float64


class ChangeFolder(Callback):
    def __init__(self, path):
        self.path = path

    def on_epoch_begin(self, search, epoch):
        os.chdir(self.path)


def test_a_callback_that_changes_the_folder_moves_no_output(tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    make_search("run", num_epochs=1, callbacks=[ChangeFolder(tmp_path / "other")]).train()
    assert (tmp_path / "run" / "genotype.json").is_file()
    assert list((tmp_path / "other").iterdir()) == []


def test_callbacks_that_write_know_the_folder_they_were_made_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for given, folder in (("a", tmp_path), ("~/a", tmp_path / "home")):
        assert SaveNetwork(given).path == folder / "a"
        assert Report(given, animation=False).save_dir == folder / "a"
        assert Dashboard(given, 1, print).logdir == str(folder / "a")


def test_a_tilde_is_the_home_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Folder()("save_dir", "~/runs") == str(tmp_path / "runs")


def test_training_under_no_grad_is_refused(tmp_path):
    with paddle.no_grad(), pytest.raises(RuntimeError, match=r"under paddle\.no_grad"):
        make_search(tmp_path).train()


def test_a_data_parallel_model_is_unwrapped(tmp_path):
    inner = NormSupernet()
    search = make_search(tmp_path, make_model=lambda: paddle.DataParallel(inner), num_epochs=1)
    search.train()
    assert search.model is inner


class TrainAnother(Callback):
    """Train a second search in another thread."""

    def __init__(self, other):
        self.other, self.error = other, None

    def on_epoch_begin(self, search, epoch):
        thread = threading.Thread(target=self.run)
        thread.start()
        thread.join()

    def run(self):
        try:
            self.other.train()
        except RuntimeError as error:
            self.error = str(error)


def test_a_search_in_a_second_thread_is_refused_and_the_first_one_ends_well(tmp_path):
    another = TrainAnother(make_search(tmp_path / "second"))
    search = make_search(tmp_path / "first", num_epochs=1, callbacks=[another])
    search.train()
    assert "another thread trains already" in another.error
    assert another.other.train()  # afterwards it may


Pair = collections.namedtuple("Pair", "kernel stride")


@dataclasses.dataclass
class Choice:
    kernel: int
    stride: tuple


class Kind(enum.Enum):
    WIDE = 1


class Plan:
    """An object with attributes, one of them another type of the user's own."""

    def __init__(self, *choices):
        self.choices = choices

    def __eq__(self, other):
        return type(other) is Plan and self.choices == other.choices

    def __repr__(self):
        return f"Plan{self.choices}"


Cells = collections.namedtuple("Cells", "cells head")  # a field of a name that our genotypes have

GENOTYPES = [
    [("conv", 3), Pair(1, 2)],
    Cells([Pair(3, range(2, 6))], Choice(5, (1,))),
    Plan(Kind.WIDE, {1, 2}, np.float32(0.5)),
    "|a text that begins so",
    {"kernel": 3, 1: ("a", None)},
    Choice(3, (1, 2)),
    "text",
    7,
]


def test_a_genotype_that_no_checkpoint_can_hold_is_refused_before_the_training(tmp_path):
    model = NormSupernet()
    model.genotype = lambda: {"cell": [nn.ReLU()]}
    with pytest.raises(ValueError, match=r"the genotype\['cell'\]\[0\] is a ReLU, which a checkpoint cannot give back"):
        make_search(tmp_path, make_model=lambda: model).train()


@pytest.mark.parametrize("genotype", GENOTYPES, ids=str)
def test_a_genotype_of_the_users_own_type_survives_a_resume(tmp_path, genotype):
    def make():
        model = NormSupernet()
        model.genotype = lambda: genotype
        return model

    make_search(tmp_path, make_model=make, num_epochs=1).train()
    resumed = make_search(tmp_path, make_model=make, num_epochs=1)
    assert resumed.train(resume=True) == genotype
    assert resumed.history[0].genotype == genotype
    assert type(resumed.history[0].genotype) is type(genotype)


class Recurrent(nn.Layer):
    """A choice between two recurrent layers over the rows of an image."""

    def __init__(self):
        super().__init__()
        self.layers = nn.LayerList([nn.LSTM(8, 4, dropout=0.1, num_layers=2), nn.GRU(8, 4), nn.SimpleRNN(8, 4)])
        self.classifier = nn.Linear(4, 10)
        self.alphas = self.create_parameter([1, 3])

    def arch_parameters(self):
        return [self.alphas]

    def forward(self, image):
        weights = nn.functional.softmax(self.alphas)[0]
        return self.classifier(sum(w * layer(image[:, 0])[0][:, -1] for w, layer in zip(weights, self.layers)))

    def _loss(self, image, label):
        return nn.functional.cross_entropy(self(image), label)

    def genotype(self):
        return ("LSTM", "GRU", "SimpleRNN")[int(self.alphas.argmax())]


@pytest.mark.parametrize("unrolled", [False, True])
def test_recurrent_layers_are_searched_and_resumed(tmp_path, unrolled):
    options = {"make_model": Recurrent, "unrolled": unrolled}
    whole = make_search(tmp_path / "whole", num_epochs=2, **options)
    whole.train()
    make_search(tmp_path / "halves", num_epochs=1, **options).train()
    resumed = make_search(tmp_path / "halves", num_epochs=2, **options)
    resumed.train(resume=True)
    assert len(resumed.history) == 2
