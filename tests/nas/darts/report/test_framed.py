import html
import re

from paddleslim.nas.darts.report import Report, read_recording, render_report
from tests.searches import make_search


def page_in(frame):
    return html.unescape(re.fullmatch(r'<iframe srcdoc="([^"]*)" style="[^"]*"></iframe>', frame)[1])


def test_a_notebook_shows_a_report_and_a_recording_in_a_frame(tmp_path):
    report = Report(tmp_path / "seen", language="zh", animation=False)
    assert report._repr_html_() is None
    assert repr(report) == f"Report({str(tmp_path / 'seen')!r})"
    make_search(tmp_path, num_epochs=1, callbacks=[report]).train()
    assert page_in(report._repr_html_()) == (tmp_path / "seen" / "report.html").read_text(encoding="utf-8")
    recording = read_recording(tmp_path / "seen" / "recording.json")
    assert page_in(recording._repr_html_()) == render_report(recording)
