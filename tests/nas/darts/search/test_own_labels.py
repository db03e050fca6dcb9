"""Searches whose labels, inputs or outputs are not those of images in classes."""

import numpy as np
import paddle
import pytest
from paddle import nn

from paddleslim.nas.darts import DARTSearch

RNG = np.random.default_rng(0)


class Choice(nn.Layer):
    """A supernet whose alphas scale what a `body` puts out."""

    def __init__(self, body, loss):
        super().__init__()
        self.body, self.loss = body, loss
        self._method, self._steps, self._multiplier = "DARTS", 1, 1
        self._primitives = ["none", "skip_connect"]
        self.alphas_normal = self.create_parameter([2, 2])
        self.alphas_reduce = self.create_parameter([2, 2])

    def arch_parameters(self):
        return [self.alphas_normal, self.alphas_reduce]

    def forward(self, *inputs, **named):
        scale = nn.functional.softmax(self.alphas_normal)[:, 1].sum() + self.alphas_reduce.mean()
        out = self.body(*inputs, **named)
        return tuple(part * scale for part in out) if isinstance(out, tuple) else out * scale

    def _loss(self, *arguments, label=None, **named):
        inputs, label = (arguments, label) if label is not None else (arguments[:-1], arguments[-1])
        return self.loss(self(*inputs, **named), label)


class Two(nn.Layer):
    """A linear layer of two inputs."""

    def __init__(self, outputs):
        super().__init__()
        self.first, self.second = nn.Linear(3, outputs), nn.Linear(2, outputs)

    def forward(self, wide, narrow):
        return self.first(wide) + self.second(narrow)


class WithAuxiliary(nn.Layer):
    """Two heads."""

    def __init__(self):
        super().__init__()
        self.head, self.auxiliary = nn.Linear(3, 2), nn.Linear(3, 2)

    def forward(self, x):
        return self.head(x), self.auxiliary(x)


def search(make_body, loss, batch, folder, batches=2, criterion=True, **options):
    """Search on copies of this batch with a supernet around `make_body()`; return the search."""
    paddle.seed(0)
    supernet = Choice(make_body(), loss)
    searcher = DARTSearch(
        supernet,
        lambda: iter([batch] * batches),
        lambda: iter([batch] * batches),
        "cpu",
        batchsize=4,
        num_imgs=16,
        num_epochs=options.pop("num_epochs", 2),
        save_dir=str(folder),
        criterion=loss if criterion else None,
        **options,
    )
    searcher.train()
    return searcher


X = RNG.standard_normal([4, 3]).astype("float32")
NARROW = X[:, :2].copy()
mse, bce = nn.functional.mse_loss, nn.functional.binary_cross_entropy_with_logits


def soft(outputs, label):
    return nn.functional.cross_entropy(outputs, label, soft_label=True)


def mixed(outputs, label):
    first, second, share = label
    cross = nn.functional.cross_entropy
    return share * cross(outputs, first) + (1 - share) * cross(outputs, second)


def both_heads(outputs, label):
    return sum(nn.functional.cross_entropy(out, label) for out in outputs)


def ignoring(outputs, label):
    return nn.functional.cross_entropy(outputs, label, ignore_index=-100)


def masked(outputs, label):
    return nn.functional.cross_entropy(outputs, label, axis=1)


CLASSES = np.array([0, 1, 1, 0])
SITUATIONS = {
    "regression": (lambda: nn.Linear(3, 1), mse, (X, X[:, :1] * 2)),
    "many labels": (lambda: nn.Linear(3, 2), bce, (X, (X[:, :2] > 0))),
    "soft labels": (lambda: nn.Linear(3, 2), soft, (X, np.full([4, 2], 0.5))),
    "mixup": (lambda: nn.Linear(3, 2), mixed, (X, (CLASSES, CLASSES[::-1].copy(), 0.25))),
    "ignored class": (lambda: nn.Linear(3, 2), ignoring, (X, np.array([0, -100, 1, -100]))),
    "masks": (lambda: nn.Conv2D(1, 3, 1), masked, (RNG.random([4, 1, 5, 6]), RNG.integers(0, 3, [4, 5, 6]))),
    "images": (lambda: nn.Conv2D(1, 1, 3, padding=1), mse, (RNG.random([4, 1, 5, 6]), RNG.random([4, 1, 5, 6]))),
    "two heads": (WithAuxiliary, both_heads, (X, CLASSES)),
    "two inputs": (lambda: Two(1), mse, (X, NARROW, X[:, :1])),
    "inputs by name": (lambda: Two(1), mse, {"narrow": NARROW, "wide": X, "label": X[:, :1]}),
}


@pytest.mark.parametrize("name", SITUATIONS)
@pytest.mark.parametrize("unrolled", [False, True], ids=["first order", "second order"])
def test_any_label_and_any_inputs_train(name, unrolled, tmp_path, monkeypatch):
    make_body, loss, batch = SITUATIONS[name]
    searcher = search(make_body, loss, batch, tmp_path, unrolled=unrolled)
    assert len(searcher.history) == 2
    assert np.isfinite([report.valid_loss for report in searcher.history[-1:]]).all()
    assert searcher.history[1].train_loss != searcher.history[0].train_loss


def test_the_loss_of_a_regression_is_its_mean_squared_error_and_has_no_accuracy(tmp_path):
    searcher = search(
        lambda: nn.Linear(3, 1),
        mse,
        (X, X[:, :1]),
        tmp_path,
        batches=1,
        num_epochs=1,
        learning_rate=1e-9,
        arch_learning_rate=1e-9,
    )
    with paddle.no_grad():
        expected = float(mse(searcher.model(paddle.to_tensor(X)), paddle.to_tensor(X[:, :1])))
    (report,) = searcher.history
    assert report.train_loss == pytest.approx(expected, rel=1e-5)
    assert (report.train_accuracy, report.valid_accuracy) == (None, None)


def test_a_search_without_accuracies_resumes_bit_for_bit(tmp_path):
    whole = search(lambda: nn.Linear(3, 1), mse, (X, X[:, :1]), tmp_path / "whole", num_epochs=3)
    part = search(lambda: nn.Linear(3, 1), mse, (X, X[:, :1]), tmp_path / "part", num_epochs=3)
    part.train(resume=True)
    assert [r.train_loss for r in part.history] == [r.train_loss for r in whole.history]


def test_without_a_criterion_the_checks_of_classes_stay(tmp_path):
    with pytest.raises(ValueError, match=r"label must be of integers, got float32; convert it.*criterion of your own"):
        search(lambda: nn.Linear(3, 2), nn.functional.cross_entropy, (X, X[:, :1]), tmp_path, criterion=False)


@pytest.mark.parametrize(
    ("label", "loss", "message"),
    [
        (
            7,
            nn.functional.cross_entropy,
            "at least 0 and below 2, the number of classes of the outputs, or -100, .*got 7",
        ),
        (-1, nn.functional.cross_entropy, "at least 0, or -100, which it ignores, got -1"),
        (7, nn.functional.nll_loss, "at least 0 and below the number of classes of the outputs"),
    ],
)
def test_a_label_that_is_no_class_of_a_cross_entropy_of_ones_own_is_named_with_the_remedy(
    label, loss, message, tmp_path
):
    with pytest.raises(ValueError, match=rf"cross entropy must be {message}; number .* as ignore_index$") as caught:
        search(lambda: nn.Linear(3, 2), loss, (X, np.array([0, 1, 1, label])), tmp_path)
    named = loss is nn.functional.cross_entropy  # whose error has the value
    assert str(caught.value).startswith("train_reader, batch 0: " if named else "the labels of the cross entropy")


def test_an_endless_reader_with_a_number_of_steps_searches_so_many(tmp_path):
    def endless():
        while True:
            yield X, CLASSES

    supernet = Choice(nn.Linear(3, 2), nn.functional.cross_entropy)
    options = {"batchsize": 4, "num_imgs": 24, "num_epochs": 1, "save_dir": str(tmp_path), "steps_per_epoch": 3}
    searcher = DARTSearch(supernet, endless, endless, "cpu", **options)
    searcher.train()
    assert searcher.history[0].steps == 3


def test_the_reader_that_ends_first_is_named(tmp_path, caplog, monkeypatch):
    import logging

    from paddleslim.nas.darts.training.log import logger

    monkeypatch.setattr(logging.getLogger(logger.name), "propagate", True)
    supernet = Choice(nn.Linear(3, 2), nn.functional.cross_entropy)
    readers = [(X, CLASSES)] * 4, [(X, CLASSES)] * 2
    DARTSearch(supernet, *readers, "cpu", batchsize=4, num_imgs=32, num_epochs=1, save_dir=str(tmp_path)).train()
    assert "valid_reader ended first, after 2 batches" in caplog.text
    assert "should be twice" not in caplog.text


class Sound(nn.Layer):
    """A convolution over samples of sound."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Conv1D(1, 2, 3)

    def forward(self, sound):
        return self.layer(sound).mean(-1)


def test_whole_numbers_that_are_no_indices_are_named(tmp_path):
    with pytest.raises(TypeError, match=r"forward fails on whole numbers, int64 of shape \[4, 1, 9\].*yield floats"):
        search(Sound, nn.functional.cross_entropy, (np.ones([4, 1, 9], "int16"), CLASSES), tmp_path, criterion=False)


def test_inputs_that_forward_does_not_take_are_named(tmp_path):
    supernet = Choice(nn.Linear(3, 2), nn.functional.cross_entropy)
    supernet.forward = supernet.body.forward
    readers = [(X, X, CLASSES)], [(X, X, CLASSES)]
    searcher = DARTSearch(supernet, *readers, "cpu", batchsize=4, num_imgs=8, save_dir=str(tmp_path))
    with pytest.raises(
        TypeError, match=r"the readers yield 2 inputs and a label, but Choice\.forward does not take them"
    ):
        searcher.train()
