import pathlib
import re

import pytest

from paddleslim.nas.darts import report
from paddleslim.nas.darts.report.labels import LABELS, LANGUAGES, find_language
from paddleslim.nas.darts.report.labels_en import ENGLISH
from paddleslim.nas.darts.report.labels_zh_cn import CHINESE

pytestmark = pytest.mark.any_paddle


def test_both_languages_have_the_same_words():
    assert list(LABELS["en"]) == list(LABELS["zh_cn"])
    for name in LABELS["en"]:
        fields = [sorted(re.findall(r"{\w+}", LABELS[language][name])) for language in LABELS]
        assert fields[0] == fields[1], name


def test_each_language_is_a_file():
    assert LABELS == {"en": ENGLISH, "zh_cn": CHINESE}
    assert all(text.strip() for words in LABELS.values() for text in words.values())
    assert [name for name in ENGLISH if hasattr(dict, name)] == []  # a template would find the method


def test_every_word_is_in_use_and_every_word_in_use_is_there():
    package = pathlib.Path(report.__file__).parents[1]
    sources = [*(package / "report").rglob("*.py"), *(package / "commands").glob("*.py")]
    templates = "".join(path.read_text(encoding="utf-8") for path in (package / "report" / "templates").glob("*.html"))
    code = "".join(path.read_text(encoding="utf-8") for path in sources if not path.name.startswith("labels_"))
    asked = set(re.findall(r"\bt\.(\w+)", templates))
    assert asked <= set(ENGLISH)
    composed = {"last_valid_accuracy", "last_train_accuracy", "collapse_one", "no_collapse_one", "training_images"}
    composed |= {
        "last_valid_loss",
        "last_train_loss",
        "validation_images",
        "running",
    }  # by their parts, and as the state of a recording
    unused = {name for name in ENGLISH if name not in asked and not re.search(f"[\"']{name}[\"']", code)} - composed
    assert unused == set()


@pytest.mark.parametrize(("name", "found"), [("en", "en"), ("zh", "zh_cn"), ("zh-CN", "zh_cn"), ("zh_cn", "zh_cn")])
def test_a_language_is_found_by_its_names(name, found):
    assert find_language(name) == found
    assert found in LANGUAGES


def test_another_language_is_refused():
    with pytest.raises(ValueError, match="language must be one of en, zh_cn, got 'fr'"):
        find_language("fr")
