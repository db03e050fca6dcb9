import itertools

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import Architect, DARTSearch
from paddleslim.nas.darts.data import ShuffledBatches, load_digits, split
from paddleslim.nas.darts.search import dart_search as train_search
from paddleslim.nas.darts.search import task as task_module
from paddleslim.nas.darts.search_space import DARTSSupernet
from paddleslim.nas.darts.strategy.hypergradient import second_order
from paddleslim.nas.darts.training import loop as loop_module
from paddleslim.nas.darts.training.precision import autocast, check_amp, full_precision
from tests.rounding import Rounding
from tests.searches import STEPS, StopAt, make_search, summarize
from tests.supernets import NormSupernet


@pytest.fixture
def rounding(monkeypatch):
    """A `Rounding` in the place of Paddle's mixed precision, which a search on the CPU then accepts."""
    found = Rounding()
    monkeypatch.setattr(train_search, "check_amp", lambda amp, device: None)
    monkeypatch.setattr(loop_module, "autocast", found.autocast)
    monkeypatch.setattr(task_module, "full_precision", found.full_precision)
    with found.of_paddles_operators():
        yield found


# What may be asked for


@pytest.mark.parametrize(
    ("amp", "device", "message"),
    [
        ("bfloat16", "cpu", "amp is 'bfloat16' and place is 'cpu', but Paddle has mixed precision on GPUs only; leave"),
        ("float16", "gpu:0", "needs the loss to be scaled, which a search does not do; give 'bfloat16'"),
        ("float16", "cpu", "amp is 'float16'"),
        ("O1", "cpu", "amp must be None or one of 'bfloat16', got 'O1'"),
        (np.array([1, 2]), "gpu:0", "amp must be None or one of 'bfloat16', got array"),
        (True, "gpu:0", "amp must be None or one of 'bfloat16', got True"),
    ],
)
def test_what_cannot_be_computed_is_refused_with_the_remedy(amp, device, message):
    with pytest.raises(ValueError, match=message):
        check_amp(amp, device)


def test_a_gpu_too_old_is_refused(monkeypatch):
    asked = []
    monkeypatch.setattr(paddle.amp, "is_bfloat16_supported", lambda device: asked.append(device))
    with pytest.raises(ValueError, match="amp is 'bfloat16', which 'gpu:1' cannot compute in; it takes a GPU of"):
        check_amp("bfloat16", "gpu:1")
    assert asked == ["gpu:1"]
    monkeypatch.setattr(paddle.amp, "is_bfloat16_supported", lambda device: True)
    check_amp("bfloat16", "gpu:1")
    for device in ("cpu", "gpu:0"):
        check_amp(None, device)


def test_a_search_on_the_cpu_refuses_at_once(tmp_path):
    with pytest.raises(ValueError, match="amp is 'bfloat16' and place is 'cpu'"):
        make_search(tmp_path / "never", amp="bfloat16")
    assert not (tmp_path / "never").exists()


# What Paddle does


def test_paddle_is_asked_for_its_first_level_and_depthwise_convolutions(monkeypatch):
    asked = []
    monkeypatch.setattr(paddle.amp, "auto_cast", lambda **arguments: asked.append(arguments))
    autocast("bfloat16")
    full_precision()
    assert asked == [
        {"custom_white_list": ["depthwise_conv2d"], "level": "O1", "dtype": "bfloat16"},
        {"enable": False},
    ]
    with autocast(None):
        assert len(asked) == 2


def test_paddle_casts_the_inputs_of_convolutions_and_products_and_keeps_losses_in_float32():
    white, black = (of_paddle()["bfloat16"]["O1"] for of_paddle in (paddle.amp.white_list, paddle.amp.black_list))
    assert white >= {"conv2d", "matmul_v2"}
    assert "depthwise_conv2d" not in white | black
    assert black >= {"softmax", "log_softmax", "softmax_with_cross_entropy", "mean", "reduce_mean", "reduce_sum"}
    assert not {"batch_norm", "momentum", "adam"} & (white | black)


def test_paddle_has_no_mixed_precision_on_the_cpu():
    with pytest.warns(UserWarning, match="it makes no effect"), autocast("bfloat16"):
        assert paddle.matmul(paddle.ones([2, 2]), paddle.ones([2, 2])).dtype == paddle.float32


# Where a search computes in it


def record_passes(folder, rounding, amp="bfloat16", **arguments):
    """Return for each forward pass of one epoch whether it was in mixed precision."""
    search = make_search(folder, make_model=NormSupernet, num_epochs=1, amp=amp, **arguments)
    passes = []
    search.model.register_forward_pre_hook(lambda layer, inputs: passes.append(rounding.inside))
    search.train()
    assert not rounding.inside
    return passes


@pytest.mark.parametrize(
    ("arguments", "architecture_step"),
    [
        ({}, [True]),
        # virtual step, validation, and the difference's two passes or one
        ({"unrolled": True}, [False, True, False, False]),
        ({"unrolled": True, "difference": "forward"}, [False, True, False]),
    ],
    ids=["first order", "central", "forward"],
)
def test_every_pass_is_in_mixed_precision_but_those_whose_difference_is_taken(
    arguments, architecture_step, rounding, tmp_path
):
    passes = record_passes(tmp_path, rounding, eigenvalue_freq=1, **arguments)
    first_look, weight_step, validation = [True], [True], [True] * STEPS
    training = first_look + (architecture_step + weight_step) * STEPS
    assert passes[: len(training)] == training
    assert passes[-STEPS:] == validation
    curvature = passes[len(training) : -STEPS]
    assert len(curvature) >= 2
    assert not any(curvature)


def test_without_it_no_pass_is(rounding, tmp_path):
    assert not any(record_passes(tmp_path, rounding, amp=None))


def test_a_search_in_mixed_precision_resumes_bit_for_bit(rounding, tmp_path):
    through = make_search(tmp_path / "through", amp="bfloat16", unrolled=True)
    through.train()
    arguments = {"amp": "bfloat16", "unrolled": True, "checkpoint_steps": 1}
    with pytest.raises(KeyboardInterrupt):
        make_search(tmp_path / "stopped", callbacks=[StopAt(2 * STEPS + 2)], **arguments).train()
    resumed = make_search(tmp_path / "stopped", **arguments)
    resumed.train(resume=True)
    assert summarize(resumed) == summarize(through)


def test_another_precision_gets_a_warning_when_a_search_resumes(rounding, tmp_path, lines):
    make_search(tmp_path, num_epochs=1, amp="bfloat16").train()
    make_search(tmp_path, num_epochs=1, amp="bfloat16").train(resume=True)
    assert not [line for line in lines if "the search will not end as it would have" in line]
    make_search(tmp_path, num_epochs=1).train(resume=True)
    assert "amp was 'bfloat16' and is None now; the search will not end as it would have" in lines


# How far it rounds


HALVES = split(load_digits(), 0.5, seed=0)


def make_digits(count):
    """Return a small supernet, and `count` batches of digits of either half."""
    paddle.seed(0)
    supernet = DARTSSupernet(channels=4, num_classes=10, layers=3, in_channels=1, steps=1, multiplier=1)
    readers = (ShuffledBatches(half, 32, seed) for seed, half in enumerate(HALVES))
    return supernet, *(list(itertools.islice(reader, count)) for reader in readers)


def flat(gradients):
    return np.concatenate([gradient.numpy().ravel() for gradient in gradients])


def distance(found, expected):
    return np.linalg.norm(found - expected) / np.linalg.norm(expected)


def search_digits(folder, monkeypatch, **arguments):
    """Search 3 steps on digits; return the alphas' gradients of each, and the search."""
    gradients = []

    class Recorded(Architect):
        def hypergradient(self, *batches):
            gradients.append(super().hypergradient(*batches))
            return gradients[-1]

    monkeypatch.setattr(task_module, "Architect", Recorded)
    sizes = {"batchsize": 32, "num_imgs": 192, "num_epochs": 1, "save_dir": str(folder)}
    search = DARTSearch(*make_digits(3), "cpu", **sizes, **arguments)
    search.train()
    return [flat(found) for found in gradients], search


@pytest.mark.parametrize("unrolled", [False, True], ids=["first order", "second order"])
def test_rounding_moves_a_search_far_less_than_another_batch_would(unrolled, rounding, tmp_path, monkeypatch):
    exact, exactly = search_digits(tmp_path / "exact", monkeypatch, unrolled=unrolled)
    found, search = search_digits(tmp_path / "rounded", monkeypatch, unrolled=unrolled, amp="bfloat16")
    from_batch_to_batch = distance(exact[1], exact[0])
    for one, other in zip(found, exact):
        assert 0 < distance(one, other) < from_batch_to_batch / 2
    for loss in ("train_loss", "valid_loss"):
        one, other = (getattr(each.history[0], loss) for each in (search, exactly))
        # the 8 bits of bfloat16 move a logit by some 2**-8 of its size; over the samples that averages out
        assert 0 < abs(one - other) < 0.01 * other
    assert {tensor.dtype for tensor in search.model.state_dict().values()} == {paddle.float32}


def test_a_difference_of_rounded_gradients_misses_much_of_the_correction(rounding):
    """Why the second order takes it in full precision: a shift of 0.01 over all weights is below their last bit."""
    supernet, (train_batch,), (valid_batch,) = make_digits(1)
    batches = [tuple(map(paddle.to_tensor, batch)) for batch in (train_batch, valid_batch)]

    def hypergradient(amp=None, factor=1.0):
        """Compute the passes of the difference in `amp`, on a multiple of the loss."""
        passes = itertools.count()

        def train_loss(supernet, image, label):
            if next(passes) == 0:  # the virtual step
                return supernet._loss(image, label)
            with rounding.autocast(amp):
                return factor * supernet._loss(image, label)

        return flat(second_order(supernet, *batches, xi=0.1, train_loss=train_loss))

    exact, without_difference = hypergradient(), hypergradient(factor=0.0)
    noise = np.linalg.norm(hypergradient("bfloat16") - exact)
    assert noise > 0.25 * np.linalg.norm(exact - without_difference)
