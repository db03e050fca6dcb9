import re

from paddleslim.nas.darts.report.labels import LABELS


def test_both_languages_have_the_same_words():
    assert list(LABELS["en"]) == list(LABELS["zh"])
    for name in LABELS["en"]:
        fields = [re.findall(r"{\w+}", LABELS[language][name]) for language in LABELS]
        assert fields[0] == fields[1], name
