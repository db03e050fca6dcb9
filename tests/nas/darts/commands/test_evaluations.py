import shutil

import numpy as np
import pytest

from paddleslim.nas.darts.commands.evaluations import describe_places, read_evaluations
from tests.nas.darts.commands.small_runs import invoke
from tests.readers import MEASURES


@pytest.mark.parametrize(
    ("page", "reason"),
    [("<html></html>", "is not a report of this release"), (None, "is not there")],
)
def test_measures_that_a_report_does_not_show_are_said_to_be_elsewhere_with_the_remedy(tmp_path, page, reason):
    run = tmp_path / "my run"
    run.mkdir()
    if page is not None:
        (run / "report.html").write_text(page)
    said = describe_places(run, MEASURES)
    assert said.startswith(f"These measures are in {run / 'evaluations.json'}; {run / 'report.html'} {reason}")
    assert f"`paddleslim-darts retrain --resume --save-dir '{run}'`" in said
    assert page is None or (run / "report.html").read_text() == page


def test_evaluations_are_added_one_after_the_other_and_the_result_of_the_training_stays(runs, tmp_path):
    run, other = tmp_path / "trained", tmp_path / "other.npz"
    shutil.copytree(runs / "trained", run)
    before = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    rng = np.random.default_rng(0)
    np.savez(other, image=rng.random([60, 1, 8, 8]), label=np.arange(60) % 10)
    for options in ([], ["--data", other]):
        result = invoke("evaluate", run, *options)
        assert result.exit_code == 0, result.output
        assert str(run / "evaluations.json") in result.output
    own, others = read_evaluations(run)
    assert [own["data"], others["data"]] == ["digits", str(other)]
    assert [own["epochs"], others["epochs"]] == [1, 1]
    assert own["test_loss"] != others["test_loss"]
    changed = {name for name, content in before.items() if (run / name).read_bytes() != content}
    assert changed == {"report.html"}  # which has a row for each

    result = invoke("retrain", "--resume", "--save-dir", run)
    assert result.exit_code == 0, result.output
    page = (run / "report.html").read_text(encoding="utf-8")
    rows = page.partition("<h2>Evaluations</h2>")[2].partition("</table>")[0].split("<tr>")[2:]
    assert [f">{name}</td>" in row for row, name in zip(rows, ("digits", other))] == [True, True]
    assert len(rows) == 2


def test_a_damaged_list_of_evaluations_is_named_before_anything_is_measured_and_stays(runs, tmp_path):
    run = tmp_path / "trained"
    shutil.copytree(runs / "trained", run)
    (run / "evaluations.json").write_text("[]")
    result = invoke("evaluate", run)
    assert result.exit_code == 1
    assert f"{run / 'evaluations.json'} is damaged or of something else" in result.output
    assert "test accuracy" not in result.output
    assert (run / "evaluations.json").read_text() == "[]"
