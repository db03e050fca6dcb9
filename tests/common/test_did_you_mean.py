from paddleslim.common.did_you_mean import did_you_mean


def test_the_nearest_known_word_is_asked_for_whatever_its_case():
    assert did_you_mean("pc-dart", ["darts", "PC-DARTS"]) == " Did you mean 'PC-DARTS'?"


def test_nothing_is_asked_where_no_word_is_near():
    assert did_you_mean("nothing", ["darts"]) == ""
    assert did_you_mean(3, []) == ""
