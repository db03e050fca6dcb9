import re

import jinja2
import pytest

from paddleslim.nas.darts.report.rendering import (
    TEMPLATES,
    choose_commands,
    render_page,
    spell_abort,
    spell_count,
    spell_duration,
    spell_mean,
    spell_measures,
    spell_state,
)
from paddleslim.nas.darts.training.signals import SearchInterrupted
from tests.nas.darts.report.drawing.test_palette import contrast

pytestmark = pytest.mark.any_paddle


def test_small_counts_are_whole_and_large_ones_have_a_unit():
    assert [spell_count(n) for n in (0, 2.5, 235_162, 3_349_342, 5.3e9)] == ["0", "2.5", "235,162", "3.35 M", "5.3 G"]


def test_durations_have_two_units():
    assert [spell_duration(s) for s in (7.4, 75, 7260)] == ["7 s", "1 min 15 s", "2 h 01 min"]


def test_measures_are_spelled_with_their_units_and_those_that_are_not_there_left_out():
    result = {"test_accuracy": 0.12345, "test_top5_accuracy": None, "test_images": 1200, "latency_seconds": 0.00213}
    spelled = {"test_accuracy": "12.35%", "test_images": "1,200", "latency_seconds": "2.1 ms"}
    assert spell_measures({**result, "device": "cpu"}) == spelled


def test_a_mean_has_the_deviation_of_a_sample():
    assert spell_mean([0.96, 0.98]) == "97.00 ± 1.41%"
    assert spell_mean([0.96]) == "96.00%"


def test_an_end_by_an_exception_is_spelled_with_its_name_and_its_text_if_it_has_one():
    labels = {"finished": "complete", "stopped": "stopped:"}
    assert spell_state("finished", labels) == "complete"
    assert spell_state(spell_abort(ValueError("too large")), labels) == "stopped: ValueError: too large"
    assert spell_state(spell_abort(KeyboardInterrupt()), labels) == "stopped: KeyboardInterrupt"


def test_what_no_page_may_hold_is_written_out():
    content = {"title": "a\udcffb\x1b[31m", "settings": {"note": "\u202e"}, "downloads": []}
    page = render_page("comparison.html", "en", **content)
    assert page.encode().decode() == page
    for word in ("a\\udcffb\\x1b[31m", "\\u202e"):
        assert word in page


def test_every_template_is_sound_and_an_unknown_language_is_refused():
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(str(TEMPLATES)))
    assert {"base.html", "search.html", "retraining.html", "comparison.html"} <= set(environment.list_templates())
    for name in environment.list_templates():
        environment.get_template(name)
    with pytest.raises(ValueError, match="language must be one of en, zh_cn"):
        render_page("search.html", "fr")


def shade(hue, share, card):
    """Return what a colour of 'r, g, b' gives over a card, as '#rrggbb'."""
    below = [int(card[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(share * int(h) + (1 - share) * b):02x}" for h, b in zip(hue.split(", "), below))


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_texts_lines_and_shaded_numbers_of_a_page_stand_out(theme):
    style = (TEMPLATES / "base.html").read_text(encoding="utf-8")
    (most,) = map(float, re.findall(r"rgba\(var\(--hue\), calc\((\S+) \* var\(--share\)\)\)", style))
    colours = dict(re.findall(r"--(\w+): ([^;]+);", re.findall(r":root \{(.*?)\}", style, re.S)[theme]))
    for ground in ("page", "card"):
        for name in ("text", "soft", "accent", "good", "warn"):
            assert contrast(colours[name], colours[ground]) >= 4.5, (name, ground)
    for name in ("ink", "faint", *(f"s{number}" for number in range(10))):
        assert contrast(colours[name], colours["card"]) >= 3, name
    for hue in ("right", "wrong"):
        assert contrast(colours["text"], shade(colours[hue], most, colours["card"])) >= 4.5, hue


def test_a_signal_is_named_without_the_class_of_its_exception():
    assert spell_state(spell_abort(SearchInterrupted(2)), {"stopped": "stopped:"}) == (
        "stopped: SIGINT after a step, and saved"
    )


@pytest.mark.parametrize(
    ("state", "resume", "expected"),
    [("finished", "resume", ["next"]), ("running", "resume", ["next"]), ("SIGINT", "resume", ["resume"])],
)
def test_a_page_of_what_was_stopped_offers_to_resume_it(state, resume, expected):
    assert choose_commands(state, ["next"], resume) == expected
    assert choose_commands(state, ["next"], None) == ["next"]
