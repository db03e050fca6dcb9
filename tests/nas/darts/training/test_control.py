"""What a user does to a run while it runs, and around it."""

import collections
import dataclasses
import enum
import os
import threading

import numpy as np
import paddle
import pytest
from paddle import nn

from paddleslim.common.checks import Folder
from paddleslim.nas.darts import Callback
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
    [1, "two", 3.0],
    ("a", ("b",)),
    Pair(3, [1, 2]),
    Choice(3, (1, 2)),
    "text",
    7,
]


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
