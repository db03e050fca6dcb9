import itertools
import logging
import math
import re

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import Callback, DARTSearch, Genotype, count_parameters_in_MB
from paddleslim.nas.darts.training.log import logger
from paddleslim.nas.darts.training.metrics import measure_accuracies
from tests.supernets import DocumentedSupernet, NormSupernet, random_batches, snapshot

BATCHES = random_batches(6)
TRAIN, VALID = BATCHES[:3], BATCHES[3:]


@pytest.fixture
def lines(monkeypatch):
    """The lines that a search logs."""
    caught = []

    class Catch(logging.Handler):
        def emit(self, record):
            caught.append(record.getMessage())

    monkeypatch.setattr(logger, "handlers", [Catch()])
    return caught


def make_search(folder, model=None, train=TRAIN, valid=VALID, **arguments):
    """Return a search of two epochs over three batches of 8, seeded."""
    if model is None:
        paddle.seed(1)
        model = DocumentedSupernet()
    settings = {"batchsize": 8, "num_imgs": 48, "num_epochs": 2, "arch_learning_rate": 3e-3, **arguments}
    settings.setdefault("save_dir", str(folder))
    return DARTSearch(model, train, valid, settings.pop("place", "cpu"), **settings)


def search(folder, **arguments):
    """Return the state dict after such a search."""
    searcher = make_search(folder, **arguments)
    searcher.train()
    return snapshot(searcher.model)


def differs(one, other, names=None):
    return any(one[name].tobytes() != other[name].tobytes() for name in (names or one))


def test_the_documented_example_runs_with_every_argument(tmp_path):
    paddle.seed(0)
    supernet = DocumentedSupernet(channels=3, size=4)
    batches = random_batches(2, samples=4, size=4, channels=3)
    searcher = DARTSearch(
        supernet,
        lambda: iter(batches),
        lambda: iter(batches),
        paddle.CPUPlace(),
        learning_rate=0.025,
        batchsize=4,
        num_imgs=16,
        arch_learning_rate=3e-4,
        unrolled=True,
        num_epochs=1,
        epochs_no_archopt=0,
        use_multiprocess=False,
        use_data_parallel=False,
        save_dir=str(tmp_path),
        log_freq=1,
    )
    genotype = searcher.train()
    assert isinstance(genotype, Genotype)
    assert Genotype.from_json((tmp_path / "genotype.json").read_text()) == genotype


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("learning_rate", 0.1),
        ("batchsize", 16),  # fewer steps in a virtual epoch: the cosine falls earlier
        ("num_imgs", 480),
        ("arch_learning_rate", 0.1),
        ("unrolled", True),
        ("num_epochs", 3),
        ("epochs_no_archopt", 1),
        ("momentum", 0.0),
        ("weight_decay", 0.1),
        ("grad_clip", 0.01),
        ("arch_betas", (0.9, 0.9)),
        ("arch_weight_decay", 0.5),
        ("criterion", lambda logits, label: 2 * paddle.nn.functional.cross_entropy(logits, label)),
    ],
)
def test_every_argument_of_the_mathematics_changes_the_search(argument, value, tmp_path):
    usual = search(tmp_path)
    assert not differs(usual, search(tmp_path))
    assert differs(usual, search(tmp_path, **{argument: value}), ["alphas_normal", "classifier.weight"])


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("use_multiprocess", True),
        ("use_data_parallel", True),
        ("log_freq", 1),
        ("valid_freq", 1),
        ("place", paddle.CPUPlace()),
    ],
)
def test_arguments_beside_the_mathematics_leave_the_search_as_it_is(argument, value, tmp_path):
    train, valid = (lambda: iter(TRAIN)), (lambda: iter(VALID))
    usual = search(tmp_path, train=train, valid=valid)
    assert not differs(usual, search(tmp_path, train=train, valid=valid, **{argument: value}))


def test_the_difference_of_the_second_order_is_a_choice(tmp_path):
    central = search(tmp_path, unrolled=True)
    forward = search(tmp_path, unrolled=True, difference="forward")
    assert differs(central, forward)
    np.testing.assert_allclose(central["alphas_normal"], forward["alphas_normal"], atol=1e-4)
    for wrong in ("backward", None):
        with pytest.raises(ValueError, match=f"difference must be 'central' or 'forward', got {wrong!r}"):
            make_search(tmp_path, difference=wrong)


def test_log_freq_counts_the_steps_between_two_lines(tmp_path, lines):
    make_search(tmp_path, log_freq=2).train()
    steps = [line for line in lines if line.startswith("Train Epoch 0, Step")]
    assert [line.split(",")[1] for line in steps] == [" Step 0", " Step 2"]


def test_the_log_reads_as_paddleslims(tmp_path, lines):
    make_search(tmp_path, num_epochs=1, log_freq=10).train()
    number = r"\d+\.\d{6}"
    for line, pattern in itertools.zip_longest(
        lines,
        [
            rf"param size = {number}MB",
            rf"Epoch 0, lr {number}",
            r"genotype = Genotype\(normal=\[\('.*",
            rf"Train Epoch 0, Step 0, loss {number}, acc_1 {number}, acc_5 {number}",
            rf"Epoch 0, train_acc {number}",
            rf"Valid Epoch 0, Step 0, loss {number}, acc_1 {number}, acc_5 {number}",
            rf"Epoch 0, valid_acc {number}",
            rf"Epoch 0, skip connections \d \+ \d, alpha entropy {number}",
            r"genotype = Genotype\(normal=\[\('.*",
        ],
    ):
        assert re.fullmatch(pattern, line), (pattern, line)


def test_every_epoch_leaves_parameters_and_genotype_and_the_last_the_final_one(tmp_path):
    searcher = make_search(tmp_path)
    genotype = searcher.train()
    for epoch in ("0", "1"):
        assert set(paddle.load(str(tmp_path / epoch / "params.pdparams"))) == set(searcher.model.state_dict())
        Genotype.from_json((tmp_path / epoch / "genotype.json").read_text())
    assert Genotype.from_json((tmp_path / "genotype.json").read_text()) == genotype
    saved = paddle.load(str(tmp_path / "1" / "params.pdparams"))
    for name, value in snapshot(searcher.model).items():
        np.testing.assert_array_equal(np.asarray(saved[name]), value)


def test_the_epoch_ends_with_the_shorter_reader(tmp_path):
    searcher = make_search(tmp_path, train=TRAIN, valid=VALID[:2], num_epochs=1)
    searcher.train()
    assert searcher.history[0].steps == 2


def test_alphas_rest_during_the_first_epochs_if_asked(tmp_path):
    paddle.seed(1)
    start = snapshot(DocumentedSupernet())
    end = search(tmp_path, epochs_no_archopt=2)
    assert not differs(start, end, ["alphas_normal", "alphas_reduce"])
    assert differs(start, end, ["classifier.weight"])


def test_validation_comes_after_the_last_epoch_and_as_often_as_asked(tmp_path):
    for asked, expected in ((None, [False, False, True]), (2, [False, True, True]), (1, [True] * 3)):
        searcher = make_search(tmp_path, num_epochs=3, valid_freq=asked)
        searcher.train()
        assert [e.valid_accuracy is not None for e in searcher.history] == expected


@pytest.mark.parametrize("unrolled", [False, True])
def test_validation_gradients_never_reach_the_weights(unrolled, tmp_path):
    """With alphas that rest, another validation set must not change the weights by one bit."""
    one = search(tmp_path, unrolled=unrolled, arch_learning_rate=1e-30, arch_weight_decay=0.0)
    other = search(tmp_path, unrolled=unrolled, arch_learning_rate=1e-30, arch_weight_decay=0.0, valid=TRAIN)
    none = search(tmp_path, epochs_no_archopt=2)
    assert not differs(one, other)
    assert not differs(one, none)


def test_in_second_order_only_the_weight_step_moves_the_batch_norm_statistics(tmp_path):
    states = []
    for arguments in ({"unrolled": True}, {"epochs_no_archopt": 1}, {"unrolled": False}):
        paddle.seed(1)
        model = NormSupernet()
        still = {"arch_learning_rate": 1e-30, "arch_weight_decay": 0.0, "num_epochs": 1}
        make_search(tmp_path, model, TRAIN[:1], VALID[:1], **still, **arguments).train()
        states.append(snapshot(model))
    second, none, first = states
    assert not differs(second, none, ["norm._mean", "norm._variance"])
    assert differs(first, none, ["norm._mean", "norm._variance"])


def test_weights_and_alphas_are_distinguished_by_identity(tmp_path):
    paddle.seed(1)
    model = DocumentedSupernet()
    model.arch_parameters = lambda: [model.alphas_normal]  # the other one is a weight now
    before = snapshot(model)
    make_search(tmp_path, model, arch_learning_rate=1e-30, arch_weight_decay=0.0).train()
    after = snapshot(model)
    assert not differs(before, after, ["alphas_normal"])
    assert differs(before, after, ["alphas_reduce"])


def test_an_alpha_that_the_loss_does_not_use_gets_one_warning_naming_it(tmp_path, lines):
    model = DocumentedSupernet()
    model.spare = model.create_parameter([3])
    model.arch_parameters = lambda: [model.alphas_normal, model.alphas_reduce, model.spare]
    make_search(tmp_path, model).train()
    assert [line for line in lines if "does not use" in line] == [
        "the loss does not use the architecture parameter `spare`; it will stay as it is"
    ]


def test_an_epoch_of_another_length_than_announced_gets_one_warning_with_both_numbers(tmp_path, lines):
    make_search(tmp_path, num_imgs=160).train()
    warnings = [line for line in lines if "make the learning rate count" in line]
    assert len(warnings) == 1
    assert re.search(r"readers has 3 steps, but num_imgs=160 and batchsize=8 .* 10 to an epoch", warnings[0])


def test_a_second_train_begins_with_the_weights_of_the_first(tmp_path):
    searcher = make_search(tmp_path)
    searcher.train()
    first = snapshot(searcher.model)
    searcher.train()
    assert len(searcher.history) == 2
    assert differs(first, snapshot(searcher.model))


def test_a_loss_of_shape_1_serves_as_well_as_a_scalar(tmp_path):
    model = DocumentedSupernet()
    plain = model._loss
    model._loss = lambda image, label: plain(image, label).reshape([1])
    criterion = lambda logits, label: paddle.nn.functional.cross_entropy(logits, label).reshape([1])  # noqa: E731
    make_search(tmp_path, model, criterion=criterion, unrolled=True).train()


def test_callbacks_are_notified_of_every_stage_in_order(tmp_path):
    told = []

    class Recorder(Callback):
        def on_search_begin(self, search):
            told.append("begin")

        def on_epoch_begin(self, search, epoch):
            told.append(f"epoch {epoch}")

        def on_step_end(self, search, report):
            told.append(f"{report.phase} {report.step}")

        def on_epoch_end(self, search, report):
            told.append(f"end of {report.epoch}")

        def on_search_end(self, search, genotype):
            told.append("end")

    make_search(tmp_path, num_epochs=1, callbacks=[Recorder()]).train()
    train, valid = ([f"{phase} {i}" for i in range(3)] for phase in ("Train", "Valid"))
    assert told == ["begin", "epoch 0", *train, *valid, "end of 0", "end"]


def test_callbacks_are_notified_of_the_exception_that_ends_a_search(tmp_path):
    told = []

    class Recorder(Callback):
        def on_step_end(self, search, report):
            raise RuntimeError("no more")

        def on_search_abort(self, search, error):
            told.append(str(error))

    with pytest.raises(RuntimeError, match="no more"):
        make_search(tmp_path, callbacks=[Recorder()]).train()
    assert told == ["no more"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"learning_rate": 0.0}, "learning_rate must be a number above 0, got 0.0"),
        ({"learning_rate": -1}, "learning_rate must be a number above 0, got -1"),
        ({"arch_learning_rate": float("nan")}, "arch_learning_rate must be a number above 0, got nan"),
        ({"arch_learning_rate": "fast"}, "arch_learning_rate must be a number above 0, got 'fast'"),
        ({"batchsize": 0}, "batchsize must be a whole number of at least 1, got 0"),
        ({"num_imgs": -5}, "num_imgs must be a whole number of at least 1, got -5"),
        ({"num_imgs": 15}, "num_imgs=15 leaves no step .* at least 16"),
        ({"num_epochs": 0}, "num_epochs must be a whole number of at least 1, got 0"),
        ({"num_epochs": 2.5}, "num_epochs must be a whole number of at least 1, got 2.5"),
        ({"epochs_no_archopt": -1}, "epochs_no_archopt must be a whole number of at least 0, got -1"),
        ({"log_freq": 0}, "log_freq must be a whole number of at least 1, got 0"),
        ({"valid_freq": 0}, "valid_freq must be a whole number of at least 1, got 0"),
        ({"momentum": 1.0}, "momentum must be at least 0 and below 1, got 1.0"),
        ({"weight_decay": -0.1}, "weight_decay must be at least 0 and below 1, got -0.1"),
        ({"grad_clip": 0.0}, "grad_clip must be a number above 0, got 0.0"),
        ({"arch_betas": (0.5, 1.0)}, "beta 2 of arch_betas must be at least 0 and below 1, got 1.0"),
        ({"place": "gpu:0"}, "this Paddle has no GPU support; use 'cpu' or"),
    ],
)
def test_a_bad_argument_is_refused_at_once_with_its_value(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        make_search(tmp_path, **arguments)


def test_no_gradient_clip_is_a_choice(tmp_path):
    search(tmp_path, grad_clip=None)


@pytest.mark.parametrize("missing", ["_loss", "arch_parameters"])
def test_a_supernet_without_what_is_needed_is_refused_with_what_it_should_hold(missing, tmp_path):
    broken = type("Broken", (paddle.nn.Layer,), {n: v for n, v in vars(DocumentedSupernet).items() if n != missing})
    broken.__init__ = lambda self: paddle.nn.Layer.__init__(self)
    with pytest.raises(AttributeError, match=f"Broken lacks `{missing}`, needed for a search; it should be a method"):
        make_search(tmp_path, broken())


def test_a_batch_the_search_cannot_use_ends_it_before_anything_is_saved(tmp_path):
    with pytest.raises(ValueError, match=r"valid_reader, batch 0: labels must be .* below 10.* got 10"):
        make_search(tmp_path, valid=[(VALID[0][0], np.full([8, 1], 10))]).train()
    with pytest.raises(ValueError, match="train_reader yielded no batch"):
        make_search(tmp_path, train=[]).train()
    with pytest.raises(ValueError, match="valid_reader yielded no batch"):
        make_search(tmp_path, valid=[]).train()
    assert list(tmp_path.iterdir()) == []


def test_a_label_out_of_range_in_a_later_batch_is_found(tmp_path):
    bad = (TRAIN[0][0], np.full([8, 1], 99))
    with pytest.raises(ValueError, match=r"train_reader, batch 2: .* got 99"):
        make_search(tmp_path, train=[*TRAIN[:2], bad]).train()


def test_a_save_dir_that_cannot_be_written_is_found_before_the_first_step(tmp_path):
    (tmp_path / "file").write_text("")
    steps = []

    class Count(Callback):
        def on_step_end(self, search, report):
            steps.append(report)

    with pytest.raises(OSError, match="save_dir cannot be written"):
        make_search(tmp_path, save_dir=str(tmp_path / "file" / "run"), callbacks=[Count()]).train()
    assert steps == []


def test_the_device_is_what_it_was_after_a_search(tmp_path):
    before = paddle.get_device()
    search(tmp_path)
    assert paddle.get_device() == before


def test_parameters_are_counted_in_millions_without_frozen_and_auxiliary_ones():
    model = paddle.nn.Linear(10, 100)
    assert count_parameters_in_MB(model.parameters()) == 1100 / 1e6
    model.bias.trainable = False
    assert count_parameters_in_MB(model.parameters()) == 1000 / 1e6
    tower = paddle.nn.Linear(10, 100, weight_attr=paddle.ParamAttr(name="aux_head"), bias_attr=False)
    assert count_parameters_in_MB(tower.parameters()) == 0


def test_accuracies_count_the_labels_among_the_largest_logits():
    logits = paddle.to_tensor([[0.1, 0.9, 0.5], [0.9, 0.5, 0.1]])
    label = paddle.to_tensor([[2], [0]])
    assert [float(a) for a in measure_accuracies(logits, label, (1, 2, 5))] == [0.5, 1.0, 1.0]


def test_a_report_holds_the_rate_of_its_own_epoch(tmp_path):
    searcher = make_search(tmp_path, num_epochs=3)
    searcher.train()
    expected = [0.025 * 0.5 * (math.cos(math.pi * epoch / 3) + 1) for epoch in range(3)]
    assert [report.learning_rate for report in searcher.history] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("num_imgs", "warned"), [(48, 0), (64, 1)], ids=["as announced", "a quarter shorter"])
def test_an_epoch_that_is_a_quarter_shorter_than_announced_gets_a_warning(num_imgs, warned, tmp_path, lines):
    make_search(tmp_path, num_imgs=num_imgs, num_epochs=1).train()
    assert len([line for line in lines if "make the learning rate count" in line]) == warned


def test_a_search_trains_in_training_mode_and_validates_in_evaluation_mode(tmp_path):
    modes = set()
    model = NormSupernet()
    model.register_forward_pre_hook(lambda layer, inputs: modes.add((phase[0], layer.training)))
    phase = ["Train"]

    class Watch(Callback):
        def on_step_end(self, search, report):
            last = report.phase == "Train" and report.step == len(TRAIN) - 1
            phase[0] = "Valid" if last else report.phase

    make_search(tmp_path, model, num_epochs=1, callbacks=[Watch()]).train()
    assert modes == {("Train", True), ("Valid", False)}


def test_an_argument_that_is_set_before_the_search_counts_as_if_it_had_been_given(tmp_path):
    given = search(tmp_path / "given", learning_rate=0.1, epochs_no_archopt=1, num_epochs=3, train=TRAIN[:2])
    later = make_search(tmp_path / "later")
    assert (later.learning_rate, later.unrolled, later.place) == (0.025, False, "cpu")
    later.learning_rate, later.epochs_no_archopt, later.num_epochs = 0.1, 1, 3
    later.train_reader = TRAIN[:2]
    later.train()
    assert not differs(given, snapshot(later.model))
    with pytest.raises(ValueError, match="learning_rate must be a number above 0, got -1"):
        later.learning_rate = -1
    with pytest.raises(AttributeError, match="DARTSearch has no attribute 'learning_rat'"):
        later.learning_rat  # noqa: B018


def test_the_supernet_may_be_exchanged_before_the_search(tmp_path):
    searcher = make_search(tmp_path, num_epochs=1)
    paddle.seed(2)
    searcher.model = other = DocumentedSupernet()
    before = snapshot(other)
    searcher.train()
    assert searcher.model is other
    assert differs(before, snapshot(other))
