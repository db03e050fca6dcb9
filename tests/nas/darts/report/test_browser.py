"""The page in a real browser, where there is one: labels fit, nothing is wider than the window, the slider works."""

import html
import json
import re
import shutil
import subprocess

import numpy as np
import pytest

from paddleslim.nas.darts import PC_DARTS
from paddleslim.nas.darts.commands.compare_report import render_comparison
from paddleslim.nas.darts.commands.compared_runs import group_runs, read_run
from paddleslim.nas.darts.commands.seeds import show_all
from paddleslim.nas.darts.report import TrainingRecord, render_report, render_training
from paddleslim.nas.darts.report.outcomes import Outcomes
from tests.nas.darts.commands.test_compare import write_retraining, write_search
from tests.nas.darts.commands.test_seeds_report import write_many

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --virtual-time-budget=3000"
).split()

pytestmark = [
    pytest.mark.any_paddle,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]

INSPECT = """<script>
const box = e => e.getBoundingClientRect();
const sticksOut = (a, b) =>
  a.left < b.left - 0.5 || a.right > b.right + 0.5 || a.top < b.top - 0.5 || a.bottom > b.bottom + 0.5;
const find = (chosen, holder) => [...document.querySelectorAll(chosen)]
  .filter(e => box(e).width && sticksOut(box(e), box(holder(e)))).map(e => e.outerHTML.slice(0, 80));
const look = () => ({
  width: innerWidth,
  said: document.querySelector("output").value,
  beyondItsBox: find(".cell .operation, .cell .label", e => e.previousElementSibling),
  beyondItsChart: find(".chart text", e => e.ownerSVGElement),
  beyondTheWindow: [...document.querySelectorAll("main *")].filter(e => box(e).right > innerWidth + 0.5).length,
  cells: [...document.querySelectorAll("[data-epochs]")].filter(e => !e.hidden).map(e => e.dataset.epochs.split(" ")),
});
const last = look();
const slider = document.querySelector("input");
slider.value = 7;
slider.dispatchEvent(new Event("input"));
const seventh = look();
const visible = () => [...document.querySelectorAll(".large")].filter(e => box(e).width).map(e => e.id);
const press = key => dispatchEvent(new KeyboardEvent("keydown", { key }));
const steps = [visible()];
document.querySelector("#edge-0-3").click();
steps.push(visible());
const large = look();
large.output = box(document.querySelector("#large-0-3 > .card")).bottom <= innerHeight;
const band = document.querySelector("#large-0-3 .band");
band.dispatchEvent(new PointerEvent("pointermove", { bubbles: true }));
large.values = document.querySelector("#large-0-3 output").textContent;
press("ArrowRight");
steps.push(visible());
press("Escape");
steps.push(visible());
large.steps = steps;
parent.postMessage(JSON.stringify([last, seventh, large]), "*");
</script>"""

FRAME = """<!doctype html><body><script>
addEventListener("message", event => {
  document.body.innerHTML = "<pre></pre>";
  document.querySelector("pre").textContent = event.data;
});
</script><iframe src="inspected.html" style="width: {width}px; height: 900px; border: 0"></iframe></body>"""


def look_at(recording, folder, width):
    """Return what a browser sees of the page in a window of `width` pixels: at first, at epoch 7, and of a panel that
    is enlarged, turned and closed."""
    page = render_report(recording).replace("</body>", INSPECT + "</body>")
    (folder / "inspected.html").write_text(page, encoding="utf-8")
    (folder / "frame.html").write_text(FRAME.replace("{width}", str(width)), encoding="utf-8")
    return json.loads(load(folder, width)[0])


def load(folder, width):
    """Return the texts in `pre` elements that `frame.html` of a folder has at last."""
    profile = f"--user-data-dir={folder / 'profile'}"
    size = f"--window-size={width + 40},1000"
    command = [CHROMIUM, *FLAGS, profile, size, "--dump-dom", (folder / "frame.html").as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return [html.unescape(text) for text in re.findall(r"<pre>(.*?)</pre>", done.stdout, re.S)]


@pytest.mark.parametrize("width", [1280, 400])
def test_everything_fits_the_slider_changes_the_cells_and_a_panel_is_enlarged(recording, tmp_path, width):
    recording.epochs[-1].genotype = PC_DARTS
    last, seventh, large = look_at(recording, tmp_path, width)
    for seen, epoch in ((last, 50), (seventh, 7), (large, 7)):
        assert seen["width"] == width
        assert seen["said"] == f"after epoch {epoch} of 50"
        assert (seen["beyondItsBox"], seen["beyondItsChart"], seen["beyondTheWindow"]) == ([], [], 0)
        assert [str(epoch) in epochs for epochs in seen["cells"]] == [True, True]
    assert large["steps"] == [[], ["large-0-3"], ["large-0-4"], []]
    assert large["output"]
    assert large["values"].startswith("epoch 0 · ")
    assert large["values"].count(" · ") == 8


MEASURE = """<script>
const wide = [...document.querySelectorAll("main, .card")].filter(e => e.scrollWidth > e.clientWidth + 1);
const told = [...document.querySelectorAll(".runs td")].filter(e => e.getBoundingClientRect().width).length;
const page = document.documentElement;
const note = [innerWidth, page.scrollWidth > page.clientWidth, wide.map(e => e.outerHTML.slice(0, 200)), told];
parent.postMessage(JSON.stringify(note), "*");
</script>"""
SEVERAL = """<!doctype html><body><script>
addEventListener("message", event => {
  const pre = document.body.appendChild(document.createElement("pre"));
  pre.textContent = event.data;
});
</script>FRAMES</body>"""


def test_tables_fit_a_window_of_400_pixels(tmp_path):
    for number in range(2):
        write_search(tmp_path / f"a-search-whose-folder-has-a-long-name-{number}", number, 0.8, method="drnas")
        write_retraining(tmp_path / f"retrained-{number}", number, 0.9, channels=36, auxiliary_weight=0.4)
    rows = [read_run(folder) for folder in sorted(tmp_path.iterdir())]
    many = write_many(tmp_path / "many", [0.8, 0.9], [0.6, 0.62])
    show_all(*many)
    true = np.arange(100) % 10
    shares = np.full(100, 0.5)
    outcomes = Outcomes(true, true[::-1].copy(), shares, shares, 10, [], {})
    record = TrainingRecord("one", {"a_setting_of_a_long_name": 1}, {}, 1, [], "finished", outcomes=outcomes)
    pages = [
        render_comparison(group_runs(rows), rows),
        (tmp_path / "many" / "report.html").read_text(encoding="utf-8"),
        render_training(record),
    ]
    frames = ""
    for number, page in enumerate(pages):
        text = page.replace("</body>", MEASURE + "</body>")
        (tmp_path / f"page-{number}.html").write_text(text, encoding="utf-8")
        frames += f'<iframe src="page-{number}.html" style="width: 400px; height: 900px; border: 0"></iframe>'
    (tmp_path / "frame.html").write_text(SEVERAL.replace("FRAMES", frames), encoding="utf-8")
    seen = [json.loads(text) for text in load(tmp_path, 1240)]
    assert [note[:3] for note in seen] == [[400, False, []]] * 3
    # every value of a table is still there: of groups and runs
    assert sorted(told for *_, told in seen) == [0, 2 * 6 + 4 * 6, 2 * 6 + 4 * 11]
