import importlib
import json
import re
import shutil
import subprocess
import sys

import pytest
from PIL import Image

from tests.docs.pages import DOCS, ENGLISH

pytestmark = pytest.mark.any_paddle

for extension in ("sphinx", "sphinx_click", "sphinx_copybutton"):
    pytest.importorskip(extension, reason="the extra `docs` is not installed")


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


def test_lines_of_chinese_are_joined_without_a_space(site):
    text = "".join((site / "zh_cn" / f"{page}.html").read_text(encoding="utf-8") for page in ("report", "resume"))
    paragraphs = re.findall(r"<p>(.*?)</p>", text, re.S)
    assert [p for p in paragraphs if re.search("[\u3001\u3002\uff0c]\\s|[\u4e00-\u9fff]\n[\u4e00-\u9fff]", p)] == []
    assert all("\n" in code for code in re.findall("<pre>(.*?)</pre>", text, re.S))


def test_formulas_need_no_script_and_are_understood_in_full(site):
    text = (site / "en" / "concepts.html").read_text(encoding="utf-8")
    formulas = re.findall(r"<math.*?</math>", text, re.S)
    assert len(formulas) > 15
    assert [formula for formula in formulas if "\\" in formula] == []


def test_nothing_is_loaded_from_elsewhere(site):
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        assert re.findall(r'<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?//[^"]*"', text) == []


def test_every_public_name_has_an_entry_in_both_languages(site):
    from docs.reference import list_packages

    names = [f"{p}.{n}" for p in list_packages("paddleslim.nas.darts") for n in importlib.import_module(p).__all__]
    assert len(names) > 90
    for language in ("en", "zh_cn"):
        text = (site / language / "reference.html").read_text(encoding="utf-8")
        assert [name for name in names if f'id="{name}"' not in text] == []


def test_every_command_has_an_entry_with_its_options(site):
    text = (site / "en" / "commands.html").read_text(encoding="utf-8")
    assert all(f'id="paddleslim-darts-{name}"' in text for name in ("search", "retrain", "predict", "doctor"))
    assert "--arch-learning-rate" in text


def test_a_picture_leads_to_itself_in_its_full_size(site):
    for page, name in (("index", "search.gif"), ("truth", "judge.png")):
        text = (site / "zh_cn" / f"{page}.html").read_text(encoding="utf-8")
        (shown,) = re.findall(rf'<a [^>]*href="_images/{name}"><img ([^>]*)>', text)
        # docutils before 0.22 states the width as a style
        (width,) = re.findall(r'\bwidth(?:="|: )(\d+)(?:\.0px;|")', shown)
        assert int(width) == Image.open(site / "zh_cn" / "_images" / name).width


def test_code_can_be_copied(site):
    assert "copybutton.js" in (site / "en" / "quick_start.html").read_text(encoding="utf-8")


SEARCH = """
const fs = require("fs"), vm = require("vm");
const context = vm.createContext({ console, document: undefined, setTimeout });
context.window = context;
vm.runInContext(fs.readFileSync(process.argv[1] + "/_static/language_data.js", "utf8"), context);
context.query = process.argv[2];
const words = vm.runInContext("splitQuery(query).map(word => new Stemmer().stemWord(word.toLowerCase()))", context);
console.log(JSON.stringify(words));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="runs the pages' script with node")
@pytest.mark.parametrize("query", ["基因型", "alphas", "重训练 genotype"])
def test_the_chinese_pages_find_chinese_and_english_words(site, query):
    folder = site / "zh_cn"
    done = subprocess.run(["node", "-e", SEARCH, str(folder), query], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    index = (folder / "searchindex.js").read_text(encoding="utf-8").partition("(")[2].rpartition(")")[0]
    terms = json.loads(index)["terms"]
    assert [word for word in json.loads(done.stdout) if word not in terms] == []
