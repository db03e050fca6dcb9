"""The view of a notebook against IPython's own displays, caught without a browser."""

import re

import IPython.core.interactiveshell as shells
import pytest
from IPython.core.displaypub import CapturingDisplayPublisher

from paddleslim.nas.darts import Callback
from paddleslim.nas.darts.report.progress_bar import ProgressBar
from paddleslim.nas.darts.report.progress_views import NotebookView, in_notebook
from tests.searches import make_search


@pytest.fixture
def shell(monkeypatch):
    """IPython's shell with a kernel; what is displayed is in `display_pub.outputs`."""
    shell = shells.InteractiveShell()
    shell.display_pub = CapturingDisplayPublisher()
    shell.kernel = object()
    shells.InteractiveShell._instance = shell
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    yield shell
    shells.InteractiveShell.clear_instance()


def test_a_script_is_no_notebook_though_ipython_is_imported():
    assert not in_notebook()


def test_a_bar_is_one_output_that_is_updated(shell):
    view = NotebookView(6)
    view.update(completed=2, total=6, description="epoch 1/2", means="loss <b>")
    view.print("epoch 1/2 & its figures")
    first, *updates = shell.display_pub.outputs
    last = updates[-1]
    assert not first["update"]
    assert all(output["update"] for output in updates)
    assert {output["transient"]["display_id"] for output in updates} == {first["transient"]["display_id"]}
    assert "<pre>epoch 1/2 &amp; its figures</pre>" in last["data"]["text/html"]
    assert '<progress value="2" max="6"></progress>' in last["data"]["text/html"]
    assert re.search(r"epoch 1/2  2/6 steps  \d:\d\d:\d\d left  loss &lt;b&gt;", last["data"]["text/html"])


def test_when_it_ends_the_lines_stay_and_the_bar_goes(shell):
    view = NotebookView(1)
    view.print("epoch 1/1")
    view.end()
    assert shell.display_pub.outputs[-1]["data"] == {"text/html": "<pre>epoch 1/1</pre>", "text/plain": "epoch 1/1"}


def test_a_run_that_resumes_counts_its_own_steps_for_the_time_left(shell, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    view = NotebookView(100)
    now[0] = 10.0
    view.update(completed=91, total=100, description="epoch 10/10")
    assert "0:01:30 left" in shell.display_pub.outputs[-1]["data"]["text/plain"]


def test_in_a_notebook_a_run_has_a_bar_and_prints_no_line(shell, tmp_path, capsys):
    make_search(tmp_path, num_epochs=1).train()
    assert "epoch   1/1" in shell.display_pub.outputs[-1]["data"]["text/plain"]
    assert "train_acc" not in "".join(capsys.readouterr())


@pytest.mark.parametrize("further", [{"progress_bar": False}, {"callbacks": [ProgressBar]}])
def test_in_a_notebook_a_bar_can_be_refused_and_is_there_once(further, shell, tmp_path):
    further = {name: [make() for make in value] if value else value for name, value in further.items()}
    search = make_search(tmp_path, num_epochs=1, **further)
    assert sum(isinstance(callback, ProgressBar) for callback in search.callbacks) == len(further.get("callbacks", []))


def test_the_bar_goes_when_a_run_fails(shell, tmp_path):
    class Failing(Callback):
        def on_step_end(self, search, report):
            raise LookupError("the reason")

    with pytest.raises(LookupError):
        make_search(tmp_path, num_epochs=1, callbacks=[Failing()]).train()
    assert "<progress" not in shell.display_pub.outputs[-1]["data"]["text/html"]
