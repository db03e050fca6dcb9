import pytest

from paddleslim.nas.darts.commands.evaluate import describe_places
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
    said = describe_places(run, "digits", MEASURES)
    assert said.startswith(f"These measures are in {run / 'result.json'}; {run / 'report.html'} {reason}")
    assert f"`paddleslim-darts retrain --resume --save-dir '{run}'`" in said
    assert page is None or (run / "report.html").read_text() == page
