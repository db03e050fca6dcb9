import io
import sys

import pytest
import rich.console

from paddleslim.common import AvgrageMeter
from paddleslim.nas.darts.report import ProgressBar
from paddleslim.nas.darts.training.reports import EpochReport, StepReport
from tests.searches import make_search


class Search:
    num_epochs, steps_per_epoch = 2, 3


def step(phase, number):
    meters = [AvgrageMeter() for _ in range(3)]
    for meter in meters:
        meter.update(0.5)
    return StepReport(phase, 0, number, 3, *meters, 0.025)


def test_each_epoch_leaves_a_line_and_the_bar_nothing():
    text = io.StringIO()
    bar = ProgressBar(rich.console.Console(file=text, force_terminal=False, width=100))
    bar.on_search_begin(Search())
    for number in range(3):
        bar.on_step_end(Search(), step("Train", number))
    bar.on_step_end(Search(), step("Valid", 0))
    bar.on_epoch_end(Search(), EpochReport(0, 3, 0.025, 1.25, 0.5, None))
    bar.on_epoch_end(Search(), EpochReport(1, 3, 0.0125, 0.75, 0.8, None, 0.9, 0.756))
    masks = {"mean_iou": 0.25, "accuracy": 0.8}
    bar.on_epoch_end(Search(), EpochReport(1, 3, 0.0125, 0.75, 0.8, None, 0.9, 0.7, valid_metrics=masks))
    bar.on_search_end(Search(), None)
    assert text.getvalue().splitlines()[:3] == [
        "epoch   1/2  lr 0.0250  loss 1.250  accuracy 50.0%",
        "epoch   2/2  lr 0.0125  loss 0.750  accuracy 80.0%, on held-out images 75.6%",
        "epoch   2/2  lr 0.0125  loss 0.750  accuracy 80.0%, on held-out images 70.0%  mean_iou 0.25",
    ]


def test_the_bar_shows_epoch_and_step_of_the_search():
    bar = ProgressBar(rich.console.Console(file=io.StringIO(), force_terminal=True, width=120))
    bar.on_search_begin(Search())
    bar.on_step_end(Search(), step("Train", 1))
    task = bar.view.bar.tasks[0]
    assert (task.completed, task.total, task.description) == (2, 6, "epoch 1/2")
    assert task.fields["means"] == "loss 0.500  accuracy 50.0%  lr 0.0250"
    bar.on_search_abort(Search(), KeyboardInterrupt())
    assert not bar.view.bar.live.is_started


def test_the_bar_shows_what_a_first_step_takes():
    bar = ProgressBar(rich.console.Console(file=io.StringIO(), force_terminal=True, width=120))
    bar.on_preparation(Search(), "nothing to show it on yet")
    bar.on_search_begin(Search())
    bar.on_preparation(Search(), "compiling the network")
    assert bar.view.bar.tasks[0].description == "compiling the network"
    bar.on_step_end(Search(), step("Train", 0))
    assert bar.view.bar.tasks[0].description == "epoch 1/2"
    bar.on_search_abort(Search(), KeyboardInterrupt())


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (80, "epoch 1/2 validating 2/6 steps -:--:-- loss 0.500  accuracy 50.0%"),
        (40, "epoch 1/2 2/6 steps -:--:--"),
    ],
)
def test_the_time_left_is_whole_in_a_narrow_terminal(width, shown):
    text = io.StringIO()
    bar = ProgressBar(rich.console.Console(file=text, width=width))
    bar.on_search_begin(Search())
    bar.on_step_end(Search(), step("Train", 1))
    bar.on_step_end(Search(), step("Valid", 1))
    row = rich.console.Console(width=width, file=text)
    with row.capture() as captured:
        row.print(bar.view.bar.get_renderable())
    bar.on_search_abort(Search(), KeyboardInterrupt())
    assert captured.get().strip() == shown


def is_of_an_epoch(line):
    return "Epoch 0" in line or "epoch   1/1" in line


def printed_by(search, capsys):
    """Return the lines that a search prints to either stream."""
    search.train()
    return "".join(capsys.readouterr()).splitlines()


def test_a_script_has_the_log_lines_and_no_bar(tmp_path, capsys):
    lines = printed_by(make_search(tmp_path, num_epochs=1), capsys)
    assert sum("train_acc" in line for line in lines) == 1
    assert not any("epoch   1/1" in line for line in lines)


@pytest.mark.parametrize("wanted", [{"progress_bar": True}, {"callbacks": [ProgressBar()], "progress_bar": True}])
def test_beside_a_bar_no_epoch_is_printed_twice(wanted, tmp_path, capsys):
    lines = printed_by(make_search(tmp_path, num_epochs=1, **wanted), capsys)
    assert len([line for line in lines if is_of_an_epoch(line)]) == 1


def test_after_a_bar_the_lines_are_printed_again(tmp_path, capsys):
    bar = ProgressBar(rich.console.Console(quiet=True))
    bar.on_search_begin(Search())
    bar.on_search_abort(Search(), KeyboardInterrupt())
    assert any("train_acc" in line for line in printed_by(make_search(tmp_path, num_epochs=1), capsys))


def test_beside_a_bar_a_handler_of_ones_own_gets_the_lines(tmp_path, lines):
    make_search(tmp_path, num_epochs=1, progress_bar=True).train()
    assert any("train_acc" in line for line in lines)


def test_a_bar_without_rich_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "rich", None)
    with pytest.raises(ImportError, match="a progress bar needs rich: run `pip install rich`"):
        ProgressBar()
