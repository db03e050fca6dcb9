from __future__ import annotations

import dataclasses
import inspect

import pytest

from paddleslim.common.checks import Count, Flag, Rate
from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.search.settings import POSITIONAL, SearchSettings
from paddleslim.nas.darts.training.settings import RunSettings, Settings, accept, describe_settings, setting
from tests.supernets import DocumentedSupernet


@dataclasses.dataclass(frozen=True)
class Example(Settings):
    rate: float = setting(0.5, Rate(), "A rate.", "--rate", True)
    count: int = setting(3, Count(), "A count.")
    limit: float | None = setting(1.0, Rate(), "A limit.", optional=True)
    wanted: bool = setting(False, Flag(), "Whether.")


class Taker:
    @accept(Example, ("count",))
    def __init__(self, first, *, settings):
        self.first, self.settings = first, settings


def test_a_function_takes_the_settings_as_arguments_of_its_own():
    taker = Taker("one", 7, wanted=True)
    assert (taker.first, taker.settings) == ("one", Example(count=7, wanted=True))
    names = list(inspect.signature(Taker.__init__).parameters)
    assert names == ["self", "first", "count", "rate", "limit", "wanted"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rat": 0.1}, r"Taker: got an unexpected keyword argument 'rat'; did you mean 'rate'\?"),
        ({"first": 1}, "Taker: multiple values for argument 'first'"),
        ({"wanted": "no"}, "wanted must be True or False, got 'no'"),
    ],
)
def test_a_wrong_argument_is_named(arguments, message):
    with pytest.raises(TypeError, match=message):
        Taker("one", **arguments)


def test_none_passes_where_it_means_something_and_nowhere_else():
    assert Example(limit=None).limit is None
    with pytest.raises(ValueError, match="rate must be a number above 0, got None"):
        Example(rate=None)


def test_decisive_settings_are_those_that_were_marked():
    assert Example(rate=0.25).decisive() == {"rate": 0.25}


def test_the_docstring_of_a_search_explains_every_setting():
    text = " ".join(DARTSearch.__doc__.split())
    for field in dataclasses.fields(SearchSettings):
        assert f"{field.name}: {' '.join(field.metadata['text'].split())}" in text
    assert describe_settings(SearchSettings, POSITIONAL).lstrip().startswith("learning_rate: ")


def test_every_setting_of_a_search_has_a_sentence_and_a_check():
    for field in dataclasses.fields(SearchSettings):
        assert field.metadata["text"].endswith(".")
        assert callable(field.metadata["check"])
    assert {field.name for field in dataclasses.fields(RunSettings)} < {
        f.name for f in dataclasses.fields(SearchSettings)
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("callbacks", "report"),
        ("criterion", "mse"),
        ("arch_betas", 0.5),
        ("save_dir", 3),
        ("strategy", 5),
        ("unrolled", "yes"),
        ("use_multiprocess", 1),
        ("amp", 16),
        ("checkpoint_minutes", "often"),
        ("num_epochs", "50"),
        ("difference", "backward"),
        ("momentom", 0.9),
    ],
)
def test_a_search_refuses_every_wrong_type_in_its_constructor(name, value, tmp_path):
    with pytest.raises((TypeError, ValueError)) as caught:
        DARTSearch(DocumentedSupernet(), [], [], "cpu", **{"save_dir": str(tmp_path), name: value})
    assert "\n" not in str(caught.value)
    assert name in str(caught.value)


@pytest.mark.parametrize("place", [0, None, "nowhere", object()])
def test_a_place_that_is_none_is_refused(place):
    with pytest.raises((TypeError, ValueError), match="place"):
        DARTSearch(DocumentedSupernet(), [], [], place)
