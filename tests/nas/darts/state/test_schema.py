import pytest

from paddleslim.nas.darts.state.schema import ANY, NUMBER, Each, check_shape

SHAPE = {"name": str, "epochs": [{"loss": (*NUMBER, type(None))}], "cells": Each([[NUMBER]]), "more": ANY}
RIGHT = {"name": "a", "epochs": [{"loss": 1}, {"loss": None}], "cells": {"x": [[1, 2.0]]}, "more": [1], "other": 2}


def test_what_is_of_the_shape_passes():
    check_shape(RIGHT, SHAPE)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": 3}, "`name` must be a text, got 3"),
        ({"epochs": {}}, "`epochs` must be a list, got an object"),
        ({"epochs": [{"loss": 1}, {"loss": "x" * 99}]}, r"`epochs\[1\].loss` must be .* or null, got 'x{56}\.\.\."),
        ({"epochs": [{}]}, r"`epochs\[0\].loss` is missing"),
        ({"epochs": [{"loss": True}]}, "must be a whole number or a number or null, got True"),
        ({"cells": {"x": [[1], 2]}}, r"`cells.x\[1\]` must be a list, got 2"),
    ],
)
def test_what_is_not_is_named_with_its_place(changes, message):
    with pytest.raises(ValueError, match=message):
        check_shape({**RIGHT, **changes}, SHAPE)


def test_the_whole_may_be_of_the_wrong_type():
    with pytest.raises(ValueError, match="`it` must be an object, got a list"):
        check_shape([1], SHAPE)
