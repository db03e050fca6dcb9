import numpy as np
import pytest

from paddleslim.common.checks import Choice, Count, Factor, Flag, Folder, Function, Objects, Pair, Rate
from paddleslim.nas.darts import Callback

pytestmark = pytest.mark.any_paddle


@pytest.mark.parametrize(
    ("check", "value", "expected"),
    [
        (Count(), np.int64(3), 3),
        (Count(0), 0, 0),
        (Rate(), np.float32(0.5), 0.5),
        (Rate(), 2, 2),
        (Factor(), np.float64(0.0), 0.0),
        (Flag(), np.bool_(True), True),
        (Choice(("a", "b")), "b", "b"),
        (Pair(Factor(), ("one", "other")), np.array([0.5, 0.25]), (0.5, 0.25)),
        (Pair(Factor(), ("one", "other")), [0.5, np.float32(0.25)], (0.5, 0.25)),
    ],
)
def test_numbers_of_numpy_become_plain_ones(check, value, expected):
    found = check("it", value)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (Count(), True, "it must be a whole number of at least 1, got True"),
        (Count(), np.bool_(True), "it must be a whole number of at least 1, got"),
        (Count(), 2.0, "it must be a whole number of at least 1, got 2.0"),
        (Count(2), np.int64(1), "it must be a whole number of at least 2, got"),
        (Rate(), np.float32("nan"), "it must be a number above 0, got"),
        (Rate(), True, "it must be a number above 0, got True"),
        (Rate(), 1j, "it must be a number above 0, got 1j"),
        (Rate(), None, "it must be a number above 0, got None"),
        (Factor(), 1, "it must be at least 0 and below 1, got 1"),
        (Flag(), "False", "it must be True or False, got 'False'"),
        (Flag(), 1, "it must be True or False, got 1"),
        (Choice(("a", "b")), "c", "it must be 'a' or 'b', got 'c'"),
        (Choice(("a", "b"), or_none=True), 1, "it must be None or one of 'a', 'b', got 1"),
        (Pair(Factor(), ("one", "other")), 0.5, r"it must be two numbers such as \(0.5, 0.999\), got 0.5"),
        (Pair(Factor(), ("one", "other")), "ab", "it must be two numbers"),
        (Pair(Factor(), ("one", "other")), (0.5, 2), "other of it must be at least 0 and below 1, got 2"),
        (Folder(), 3, "it must be the path of a folder, got 3"),
        (Function("(logits, label)"), "mse", r"it must be a function of \(logits, label\), got 'mse'"),
        (Function("(a, b)", 2), lambda a: a, r"it must be a function of \(a, b\), got .* \(too many positional"),
        (Function("(a, b)", 2), dict, r"it must be a function of \(a, b\), got the class dict; write dict\(\)"),
        (Function("the weights"), lambda: 0, r"it must be a function of the weights, got .* \(too many positional"),
        (Objects(Callback, "Callback objects"), Callback(), r"it must be a list of Callback objects, got one alone"),
        (Objects(Callback, "Callback objects"), [Callback], r"it holds the class Callback, write Callback\(...\)"),
        (Objects(Callback, "Callback objects"), [print], "it must be a list of Callback objects, but one of them is"),
        (Objects(Callback, "Callback objects"), "report", "it must be a list of Callback objects, got 'report'"),
    ],
)
def test_another_value_is_refused_by_name_and_value(check, value, message):
    with pytest.raises((TypeError, ValueError), match=message):
        check("it", value)


def test_a_folder_is_absolute_from_the_start_and_a_tilde_is_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert Folder()("it", "~/runs") == str(tmp_path / "runs")
    assert Folder()("it", "runs") == str(tmp_path / "runs")
    assert Folder()("it", tmp_path) == str(tmp_path)
    assert Folder()("it", "") == str(tmp_path)
