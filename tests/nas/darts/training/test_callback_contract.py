"""What every observer must bear: a run that ends at any stage, for whatever reason."""

import paddle
import pytest
import rich.console

from paddleslim.nas.darts import Callback
from paddleslim.nas.darts.report import Report, VisualDL
from paddleslim.nas.darts.report.progress_bar import ProgressBar
from paddleslim.nas.darts.state.checkpoint import read_checkpoint, write_checkpoint
from tests.searches import make_search

STAGES = ("on_search_begin", "on_epoch_begin", "on_step_end", "on_epoch_end", "on_search_end", "before all")


class Failing(Callback):
    """Raises at a stage, and again when it is notified of the end."""

    def __init__(self, stage):
        if stage != "before all":
            setattr(self, stage, self.fail)

    def fail(self, *_):
        raise LookupError("the reason")

    def on_search_abort(self, search, error):
        raise AttributeError("another error")


class Shown(Failing):
    """One that only shows a run."""

    may_fail = True


class Witness(Callback):
    errors: tuple = ()

    def on_search_abort(self, search, error):
        self.errors = (*self.errors, error)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("first", [True, False])
def test_no_observer_hides_why_a_run_ends(stage, first, tmp_path, monkeypatch, caplog):
    observers = [
        ProgressBar(rich.console.Console(quiet=True)),
        Report(tmp_path / "report", animation=False),
        VisualDL(tmp_path / "log"),
    ]
    failing, witness = Failing(stage), Witness()
    search = make_search(tmp_path, num_epochs=1, callbacks=[failing, *observers, witness][:: 1 if first else -1])
    if stage == "before all":
        monkeypatch.setattr(search.checkpoints, "begin", failing.fail)
    with pytest.raises(LookupError, match=r"^'?the reason'?$"):
        search.train()
    assert [str(error) for error in witness.errors] in (["the reason"], ["'the reason'"])


@pytest.mark.parametrize("stage", STAGES[:-1])
def test_a_callback_that_may_fail_is_warned_of_once(stage, tmp_path, lines):
    assert make_search(tmp_path, num_epochs=2, callbacks=[Shown(stage)]).train() is not None
    (warning,) = [line for line in lines if line.startswith("Shown failed")]
    assert warning == "Shown failed, and the search runs on without it: LookupError: the reason"


def test_a_callback_whose_state_cannot_be_written_is_named(tmp_path):
    class Odd(Callback):
        def get_state(self):
            return {"model": paddle.nn.ReLU()}

    search = make_search(tmp_path, num_epochs=1, callbacks=[Odd()])
    message = r"get_state\(\) of the callback Odd returned what a checkpoint cannot hold \(it\['model'\] is ReLU, ReLU"
    with pytest.raises(TypeError, match=message):
        search.train()
    assert not hasattr(search, "last_step")  # before the first step


def test_a_callback_that_has_no_state_before_the_first_step_is_asked_again(tmp_path):
    class Late(Callback):
        def on_epoch_end(self, search, report):
            self.seen = report.epoch

        def get_state(self):
            return self.seen

    late = Late()
    make_search(tmp_path, num_epochs=1, callbacks=[late]).train()
    assert late.seen == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: [c.arrays.pop(name) for name in list(c.arrays) if "velocity" in name], "lacks its arrays"),
        (lambda c: c.record.pop("loop"), "does not hold what a checkpoint of this release does"),
        (lambda c: c.record["loop"].pop("seeds"), "does not hold what a checkpoint of this release does"),
        (lambda c: c.record["loop"].update(history=3), "does not hold what a checkpoint of this release does"),
        (lambda c: c.record.update(weights={"of": []}), "optimizer of the weights has taken steps, but its arrays are"),
        (lambda c: c.record.update(alphas={"of": []}), "optimizer of the alphas has taken steps, but its arrays are"),
    ],
)
def test_a_checkpoint_that_was_changed_and_signed_again_is_refused(change, message, tmp_path):
    make_search(tmp_path, num_epochs=1).train()
    (path,) = (tmp_path / "checkpoints").glob("*.safetensors")
    checkpoint = read_checkpoint(path)
    change(checkpoint)
    gone = tuple(f"{name}/" for name, state in checkpoint.record.items() if state == {"of": []})
    checkpoint.arrays = {name: array for name, array in checkpoint.arrays.items() if not name.startswith(gone)}
    write_checkpoint(path, checkpoint)
    with pytest.raises(ValueError, match=message):
        make_search(tmp_path, num_epochs=2).train(resume=True)
