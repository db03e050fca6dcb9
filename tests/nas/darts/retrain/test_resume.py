import os
import signal

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import DARTS_V2, Callback
from paddleslim.nas.darts.data import Augmentation, load_digits
from paddleslim.nas.darts.retrain import RetrainSettings, prepare_retraining
from paddleslim.nas.darts.training.nonfinite import NonFiniteError
from paddleslim.nas.darts.training.signals import SearchInterrupted
from tests.searches import StopAt, summarize

STEPS = 3
DIGITS = load_digits().take(np.arange(32 * STEPS))
AUGMENTATION = Augmentation(mean=[8.0], std=[6.0], padding=1)
SETTINGS = {"channels": 2, "layers": 3, "epochs": 2, "batch_size": 32, "drop_path": 0.4, "label_smoothing": 0.1}


def make_retraining(folder, epochs=2, **options):
    """Return a retraining with all that a resumed one can miss: drop path, batch norm, momentum, augmentation."""
    settings = RetrainSettings(**{**SETTINGS, "epochs": epochs})
    options = {"save_dir": folder, "valid_freq": 1, "log_freq": 100, **options}
    return prepare_retraining(DARTS_V2, DIGITS, DIGITS, AUGMENTATION, settings, seed=3, **options)


@pytest.fixture(scope="module")
def through(tmp_path_factory):
    retraining = make_retraining(tmp_path_factory.mktemp("through"))
    retraining.train()
    return summarize(retraining)


@pytest.mark.parametrize("stop", [1, STEPS, STEPS + 1, STEPS + 3], ids=lambda stop: f"after {stop}")
def test_a_retraining_stopped_anywhere_ends_as_one_that_ran_through(stop, through, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        make_retraining(tmp_path, checkpoint_steps=1, callbacks=[StopAt(stop)]).train()
    resumed = make_retraining(tmp_path, checkpoint_steps=1)
    resumed.train(resume=True)
    assert summarize(resumed) == through


def test_a_signal_saves_a_retraining_after_its_step(through, tmp_path):
    class Terminate(Callback):
        def on_step_end(self, search, report):
            if (report.phase, report.epoch, report.step) == ("Train", 1, 0):
                os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(SearchInterrupted):
        make_retraining(tmp_path, callbacks=[Terminate()]).train()
    resumed = make_retraining(tmp_path)
    resumed.train(resume=True)
    assert summarize(resumed) == through


def test_more_epochs_extend_a_retraining_and_get_a_warning(tmp_path, lines):
    make_retraining(tmp_path, epochs=1).train()
    longer = make_retraining(tmp_path)
    longer.train(resume=True)
    assert len(longer.history) == 2
    assert "epochs was 1 and is 2 now; the retraining will not end as it would have" in lines


def test_a_checkpoint_of_another_genotype_is_refused(tmp_path):
    make_retraining(tmp_path, epochs=1).train()
    other = make_retraining(tmp_path)
    other.model._genotype = DARTS_V2._replace(normal=DARTS_V2.normal[::-1])
    with pytest.raises(ValueError, match=r"the checkpoint is of another .*genotype is"):
        other.train(resume=True)


def test_without_a_folder_nothing_is_saved_and_nothing_can_resume(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make_retraining(None, epochs=1).train()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="resume=True needs save_dir"):
        make_retraining(None).train(resume=True)


def test_a_loss_that_is_not_finite_is_named_and_may_be_skipped(tmp_path):
    with pytest.raises(NonFiniteError, match="epoch 0, step 1: the training loss is nan"):
        spoiled(make_retraining(tmp_path / "one", epochs=1)).train()
    skipping = spoiled(make_retraining(tmp_path / "other", epochs=1, skip_nonfinite=1))
    skipping.train()
    assert all(np.isfinite(parameter.numpy()).all() for parameter in skipping.model.parameters())


def spoiled(retraining):
    """Return the retraining with a forward pass whose second batch is not finite."""
    forward, passes = retraining.model.forward_twice, []

    def spoil(image):
        passes.append(image)
        return forward(image * float("nan") if len(passes) == 2 else image)

    retraining.model.forward_twice = spoil
    return retraining


def test_a_retraining_takes_steps_of_the_same_numbers_for_the_same_seed(tmp_path, through):
    paddle.seed(99)
    again = make_retraining(tmp_path)
    again.train()
    assert summarize(again) == through
