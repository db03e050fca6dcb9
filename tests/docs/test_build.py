import re
import subprocess
import sys

import pytest

from tests.docs.pages import DOCS, ENGLISH

pytest.importorskip("sphinx", reason="the extra `docs` is not installed")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run([sys.executable, str(DOCS / "build.py"), str(folder)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return folder


def test_both_languages_are_built_without_a_warning(site):
    for path in ENGLISH:
        for language in ("en", "zh_cn"):
            assert (site / language / f"{path.stem}.html").stat().st_size > 3000


def test_pages_link_to_their_twin(site):
    assert 'href="../zh_cn/concepts.html"' in (site / "en" / "concepts.html").read_text(encoding="utf-8")
    assert 'href="../en/concepts.html"' in (site / "zh_cn" / "concepts.html").read_text(encoding="utf-8")


def test_formulas_need_no_script_and_are_understood_in_full(site):
    text = (site / "en" / "concepts.html").read_text(encoding="utf-8")
    formulas = re.findall(r"<math.*?</math>", text, re.S)
    assert len(formulas) > 15
    assert [formula for formula in formulas if "\\" in formula] == []


def test_nothing_is_loaded_from_elsewhere(site):
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?//[^"]*"', text) == []
